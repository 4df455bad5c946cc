import { describe, expect, test } from '@jest/globals'
import { BENCHMARK_SPEC, CHOOSE_SPEC, EVALUATE_SPEC, FIT_SPEC, PRETRAIN_SPEC, SYNTHESIZE_SPEC } from '@tab/pipeline'
import { nameFlags } from '../src/commands/name-flags.ts'
import { createProgram } from '../src/program.ts'

const silent = { write: () => undefined }
const program = createProgram({ stdout: silent, stderr: silent, signal: new AbortController().signal }, () => undefined)

/** Fields that no flag sets alone: those of config files. */
const OF_CONFIGS = ['crop', 'batchSize', 'published']

describe('nameFlags', () => {
  test.each([
    ['fit', FIT_SPEC],
    ['evaluate', EVALUATE_SPEC],
    ['choose', CHOOSE_SPEC],
    ['pretrain', PRETRAIN_SPEC],
    ['benchmark', BENCHMARK_SPEC],
    ['synth', SYNTHESIZE_SPEC],
  ])('every field of the spec of tab %s is a flag of it', (name, schema: unknown) => {
    const flags = program.commands.find((command) => command.name() === name)?.options.map(({ long }) => long)
    const fields = Object.keys((schema as { readonly shape: object }).shape)
    expect(fields.length).toBeGreaterThan(7)
    for (const field of fields) {
      if (name === 'benchmark' && OF_CONFIGS.includes(field)) continue
      expect(flags).toContain(nameFlags(`spec.${field}`))
    }
  })

  test.each([
    ['spec.backbone: a readable file, got x', '--backbone: a readable file, got x'],
    ['spec.pixelMetrics exact: too many', '--pixel-metrics exact: too many'],
    ['spec.foreground: no part', '--foreground: no part'],
    ['spec.folds or spec.calibrate: two', '--folds or --calibrate: two'],
    ['spec.backbones.0.name: too small', '--backbone: too small'],
    ['spec.detector.coresetRatio: too big', '--coreset-ratio: too big'],
    ['use spec.settings.pairs 2 spec.settings.accumulate 3', 'use --batch 2 --accumulate 3'],
    ['exists; use spec.overwrite or another folder', 'exists; use --overwrite or another folder'],
    // Files may be called so.
    ['/data/spec.output: no', '/data/spec.output: no'],
    ['my-spec.data.json: no', 'my-spec.data.json: no'],
    ['spec.ts: no', 'spec.ts: no'],
  ])('%s', (message, named) => {
    expect(nameFlags(message)).toBe(named)
  })
})
