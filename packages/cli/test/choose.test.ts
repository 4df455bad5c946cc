import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { FIT_SPEC, parseSpec, type DetectorSpec, type FitSpec } from '@tab/pipeline'
import type { Choice, MeasuredCandidate } from '@tab/pipeline/results'
import { candidatesOf, fitSpecOf } from '../../pipeline/src/node/choose/candidates.ts'
import { fitCommand, fitSpecOf as specOfFlags, type FitFlags } from '../src/commands/fit.ts'
import { fitLine } from '../src/commands/fit-line.ts'
import { nothingWithin } from '../src/terminal/choice-text.ts'

/** What `tab fit` makes of a line, by a shell and the parser of its flags; nothing is fitted. */
function parsed(line: string): FitSpec {
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
  expect(words.slice(0, 2)).toEqual(['tab', 'fit'])
  const stream = { write: () => undefined }
  const command = fitCommand({ stdout: stream, stderr: stream, signal: new AbortController().signal }).exitOverride()
  let found: FitSpec | undefined
  command.action((flags: FitFlags) => void (found = specOfFlags(command, flags)))
  command.parse(words.slice(2), { from: 'user' })
  return settled(found as FitSpec)
}

/** A spec with what flags say in any case. */
function settled(spec: FitSpec): FitSpec {
  const usual = { filter: 'bilinear', seed: 0, overwrite: false, skipUnreadable: false }
  return JSON.parse(JSON.stringify({ ...usual, ...parseSpec(FIT_SPEC, spec) })) as FitSpec
}

describe('the line of tab fit', () => {
  const backbones = [
    { name: 'a', weights: 'tab-resnet18' },
    { name: 'b', weights: "weights/it's mine.onnx" },
  ]
  const spec = {
    data: 'my parts; $HOME',
    category: 'screw',
    layout: 'mvtec-ad',
    output: 'o',
    backbones,
    seed: 3,
  } as const
  const all = [...candidatesOf(spec, [3000, 4000]), ...candidatesOf({ ...spec, reading: 'exact' }, [100, 100])]

  test.each(all.map((candidate) => [`${candidate.name}, ${candidate.reading}`, candidate] as const))(
    'of %s parses to the spec that was measured',
    (_, candidate) => {
      const { backbone, detector, imageSize, tiles, reading } = candidate
      const found = parsed(fitLine(fitSpecOf(candidate, spec, 'screw.safetensors')))
      expect({ tiles: null, reading: 'exact', ...found }).toEqual({
        ...{ data: spec.data, category: 'screw', layout: 'mvtec-ad', output: 'screw.safetensors', seed: 3 },
        ...{ backbone: backbone.weights, detector, imageSize, tiles, reading },
        ...{ filter: 'bilinear', overwrite: false, skipUnreadable: false },
      })
    },
  )

  test('takes every setting that a spec can have', () => {
    const detectors: DetectorSpec[] = [
      {
        ...{ method: 'patchcore', layers: ['layer1', 'layer2'], features: 'reference', neighbors: 2, reweighting: 9 },
        ...{ imageScore: { topShare: 0.02 }, position: 0.1, scales: [1, 0.5], rotations: true, flips: true },
        ...{ coresetSize: 7, memoryLimit: 3 * 2 ** 20, sigma: 2 },
      } as DetectorSpec,
      { method: 'subspace', components: 3, imageScore: 'max' },
      { method: 'padim', dimensions: 20, interpolation: 'nearest' },
    ]
    const rest = {
      data: 'd',
      output: 'o.safetensors',
      crop: [50, 60],
      filter: 'lanczos',
      folds: 3,
      suspects: 'drop',
    } as const
    for (const detector of detectors) {
      const fit: FitSpec = {
        ...rest,
        backbone: 'w',
        detector,
        tiles: { grid: [2, 3], overlap: 5 },
        batchSize: 2,
        foreground: true,
      }
      expect(parsed(fitLine(fit))).toEqual(settled(fit))
    }
    const plain: FitSpec = { ...rest, folds: undefined, backbone: 'w', detector: { method: 'padim' }, calibrate: false }
    expect(parsed(fitLine(plain))).toEqual(settled(plain))
  })
})

test('where nothing is within the limits, the message says the nearest and its figures', () => {
  const figure = { value: 0.9123, interval: null }
  const nearest = {
    name: 'padim, 160 x 160 px',
    real: null,
    synthetic: { imageAuroc: figure, pixelAuroc: null, aupro: null },
    cost: { milliseconds: 71.26, megabytes: 3.456 },
  } as unknown as MeasuredCandidate
  const choice = {
    ...{ chosen: null, nearest: nearest.name, candidates: [nearest] },
    limits: { milliseconds: 50, megabytes: 2, minutes: 1 },
  } as unknown as Choice
  expect(nothingWithin(choice)).toBe(
    'no candidate is within --max-ms 50 and --max-mb 2: the nearest is padim, 160 x 160 px, with 71.3 ms per image, 3.46 MB and an image AUROC of 0.912',
  )
  expect(nothingWithin({ ...choice, chosen: nearest.name, nearest: null })).toBeUndefined()
})
