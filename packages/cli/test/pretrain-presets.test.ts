import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { PRETRAIN_PRESETS } from '@tab/model/training'
import { promptsOfClass } from '@tab/pipeline/node'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { settingsOf } from '../../pipeline/src/node/pretrain/settings-of.ts'
import { specOf } from '../../pipeline/src/spec/anomaly-kinds.ts'
import { presetOf } from '../../pipeline/src/spec/pretrain-presets.ts'
import { settingsFromFlags, type SettingsFlags } from '../src/commands/settings-from-flags.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

describe('presets of tab pretrain', () => {
  test('paper is the paper: 224 of 256 px by Lanczos, its prompts, raw averages, Poisson alone, all images', () => {
    const { settings, preparation, ...rest } = presetOf('paper')
    expect(preparation(settings)).toEqual({ size: [256, 256], crop: [224, 224], filter: 'lanczos' })
    expect(rest).toEqual({
      id: 'paper@1',
      prompts: 'tab',
      average: 'raw',
      anomalies: 'poisson',
      validation: 0,
      lexical: false,
    })
    expect(settings).toMatchObject({
      ...{ imageSize: 224, pairs: 64, optimizer: 'sgd', learningRate: 1e-3, momentum: 0.9, dropout: 0.5 },
      ...{ imageLayer: 'layer4', heads: 'separate', batchNorm: 'train', flips: 'none', warmup: 0, ema: null },
      losses: { classAlignment: 1, stateAlignment: 0, patchAlignment: 0, separation: 0, preservation: 0 },
    })
  })

  test('tab, version 2, has thin anomalies and several sizes; version 1 stays, and is what the name alone means', () => {
    expect(presetOf('tab')).toBe(presetOf('tab@1'))
    expect(presetOf('tab@1')).toMatchObject({ anomalies: 'recipe', settings: { imageSize: 128, imageSizes: [] } })
    const { anomalies, settings, preparation } = presetOf('tab@2')
    expect(preparation(settings)).toEqual({ size: [224, 224] })
    const kinds = (spec: ReturnType<typeof specOf>) =>
      spec.kind === 'mixture' ? spec.parts.map(([weight, { kind }]) => `${weight} ${kind}`) : []
    expect(kinds(specOf('recipe', []))).toEqual(['1 cutPaste', '1 cutPasteScar', '1 perlinAnomaly', '1 poissonPatch'])
    expect(kinds(specOf(anomalies, []))).toEqual([...kinds(specOf('recipe', [])), '1 scratch', '1 scratch'])
    const flags = { preset: 'tab@2', set: [] } as const
    const settingsFor = (given: SettingsFlags) =>
      settingsOf({ data: [], output: '', preset: given.preset, settings: settingsFromFlags(given) })
    expect(settingsFor(flags)).toEqual(PRETRAIN_PRESETS['tab@2'])
    expect(settingsFor({ ...flags, imageSize: 96 })).toMatchObject({ imageSize: 96, imageSizes: [] })
    expect(settingsFor({ ...flags, set: ['imageSizes=64,96'] }).imageSizes).toEqual([64, 96])
  })

  test('a class that no vocabulary knows has one name for every command', async () => {
    const { stdout } = await runTab(['prompts', '--class', 'carbon-fibre_tape', '--json'])
    expect(JSON.parse(stdout)).toEqual(promptsOfClass('carbon-fibre_tape'))
    expect(promptsOfClass('carbon-fibre_tape').normal[0]).toContain('carbon fibre tape')
    expect(promptsOfClass('metal_nut').normal[0]).toContain('metal nut')
  })

  test('a model card says its preset, and that no CLIP text was used', async () => {
    const train = async (name: string, args: readonly string[]) => {
      const output = join(mini.folder, name)
      const small = ['--image-size', '32', '--batch', '2', '--engine', 'wasm', '--threads', '1', '--workers', '0']
      const run = ['pretrain', '--data', mini.data, '--init', mini.backbone, '--output', output, ...small, ...args]
      const { status, stdout, stderr } = await runTab(run)
      expect([status, status === 0 ? '' : stderr]).toEqual([0, ''])
      const card = JSON.parse(await readFile(join(output, 'model-card.json'), 'utf8'))
      return { stdout, card, curves: await readFile(join(output, 'curves.html'), 'utf8') }
    }
    // One class of three stages, so that the paper's loss gets company and a layer that is there.
    const fitting = ['heads=shared', 'losses.stateAlignment=1', 'imageLayer=layer3', 'trainableStages=layer2,layer3']
    const lexical = ['--text-model', 'lexical', '--steps', '1', '--set', ...fitting]
    const paper = await train('paper', ['--preset', 'paper', ...lexical])
    expect(paper.card).toMatchObject({
      ...{ preset: 'paper@1', text: 'no CLIP text', prompts: 'tab', average: 'raw', anomalies: 'poisson' },
      preparation: { size: [37, 37], crop: [32, 32], filter: 'lanczos' },
      validation: {
        first: null,
        last: null,
        best: null,
        returned: null,
        share: 0,
        images: { normal: 0 },
        warning: null,
      },
    })
    expect(paper.stdout).toContain('no CLIP text')
    expect(paper.curves).toContain('no CLIP text (lexical-without-semantics')

    const options = ['--preset', 'tab@2', '--validation', '0.2', '--patience', '1', '--steps', '4']
    const { card } = await train('tab-2', [...options, '--set', 'learningRate=0', 'headLearningRate=0'])
    const { first, returned, best } = card.validation
    expect(card).toMatchObject({ preset: 'tab@2', anomalies: 'recipe-with-thin', steps: 1, validation: { share: 0.2 } })
    expect([returned, best]).toEqual([
      { step: 0, value: first },
      { step: 0, value: first },
    ])
  }, 120_000)
})
