import { describe, expect, test } from '@jest/globals'
import { crossCalibrate, readDetectorHeader, scoreUnseen } from '@tab/adapters'
import { referenceBackend, tensor, type Tensor } from '@tab/core'
import { applySymmetry, SYMMETRIES } from '@tab/data'
import { fitInspector, FIT_SPEC, openInspector, parseSpec, type FitMethod } from '@tab/pipeline'
import { randomTensor, sliceBatch } from '@tab/core/testing'
import { symmetriesOf } from '../src/fit/augmented-recipe.ts'
import { copiesOf, optionsOf, recipeOf } from '../src/spec/detector-spec.ts'
import { redExtractor } from './inspect/red-extractor.ts'

const parts = () => ({ extractor: redExtractor(), backend: referenceBackend(), seed: 0 })
const recipe = (method: FitMethod) => recipeOf({ ...method, layers: ['pixels'] } as FitMethod, parts())
const WHOLE = { method: 'patchcore', coresetRatio: 1, position: 0 } as const // place by place, as a mean over 3 x 3 looks alike mirrored
const images = randomTensor('images', [6, 8, 8, 3], 0, 1)
const image = (index: number): Tensor => sliceBatch(images, index, index + 1)

describe('rotations and flips', () => {
  test.each([
    [{}, []],
    [{ rotations: true }, ['rotate90', 'rotate180', 'rotate270']],
    [{ flips: true }, ['flipHorizontal', 'flipVertical']],
    [{ rotations: true, flips: true }, [...SYMMETRIES]],
    [{ rotations: false, flips: false }, []],
  ])('%j are %j', (augmentation, names) => {
    expect([...symmetriesOf(augmentation)].sort()).toEqual([...names].sort())
  })

  test('of a good image are as good as it, and no more than asked for', async () => {
    const turned = applySymmetry(image(0), 'rotate90')
    const mirrored = applySymmetry(image(0), 'flipVertical')
    const score = async (method: FitMethod, tested: Tensor): Promise<number> =>
      (await (await recipe(method).fit([image(0)])).predict(tested)).scores.data[0] as number
    expect(await score({ ...WHOLE, rotations: true }, turned)).toBe(0)
    expect(await score({ ...WHOLE, rotations: true }, mirrored)).toBeGreaterThan(0)
    expect(await score({ ...WHOLE, flips: true }, mirrored)).toBe(0)
    expect(await score(WHOLE, turned)).toBeGreaterThan(0)
  })

  test('an image that a fit leaves out has no copy in it: neither calibration nor the search for suspects scores it 0', async () => {
    const method = { ...WHOLE, rotations: true, flips: true } as const
    const { calibration } = await crossCalibrate(recipe(method), [images], { falsePositiveRate: 0.2, folds: 6 })
    expect(calibration.scores[0]).toBeGreaterThan(0)
    const scores = await scoreUnseen(recipe(method), { count: 6, batches: (indices) => indices.map(image) })
    expect(Math.min(...scores)).toBeGreaterThan(0)
    // Two images that are copies of each other are told apart from the others: each is scored by a fit on the other.
    const pair = tensor([6, 8, 8, 3], images.data.slice())
    pair.data.set(applySymmetry(image(0), 'transpose').data, 64 * 3)
    const { calibration: paired } = await crossCalibrate(recipe(method), [pair], { falsePositiveRate: 0.2, folds: 6 })
    expect([...paired.scores.slice(0, 2), (paired.scores[2] as number) > 0]).toEqual([0, 0, true])
  })

  test('take square images alone', async () => {
    const wide = tensor([1, 4, 8, 3], new Float32Array(96))
    await expect(recipe({ ...WHOLE, rotations: true }).fit([wide])).rejects.toThrow('square images for rotate90')
    await expect(recipe({ ...WHOLE, flips: true }).fit([wide])).resolves.toBeDefined()
  })
})

describe('fit, save, open', () => {
  const methods: FitMethod[] = [
    { method: 'subspace', components: 0, imageScore: { topShare: 0.05 }, flips: true },
    {
      method: 'patchcore',
      coresetRatio: 1,
      position: 0.1,
      scales: [1, 0.5],
      imageScore: { topShare: 0.05 },
      rotations: true,
    },
  ]
  test.each(methods)('%j: the file judges as the detector that was fitted, and notes the copies', async (method) => {
    const { extractor, backend } = parts()
    const fitted = await fitInspector({
      ...{ extractor, backend, images: Array.from({ length: 5 }, (_, index) => image(index)) },
      ...{ preparation: { size: [8, 8] }, method: { ...method, layers: ['pixels'] } as FitMethod },
    })
    const file = await fitted.save()
    expect(readDetectorHeader(file).notes['symmetries']).toEqual(copiesOf(method))
    const opened = await openInspector({ extractor, backend, detector: file })
    const tested = tensor([8, 8, 3], image(5).data)
    expect(await opened.inspect(tested)).toEqual(await fitted.inspect(tested))
    expect(opened.threshold).toBe(fitted.threshold)
  })
})

describe('specs', () => {
  const FIT = { data: 'screws', output: 'o.safetensors' }
  test.each([
    [{ method: 'patchcore', imageScore: { topShare: 2 } }, 'spec.detector.imageScore'],
    [{ method: 'patchcore', imageScore: 'mean' }, 'spec.detector.imageScore'],
    [{ method: 'patchcore', position: 2 }, 'spec.detector.position'],
    [{ method: 'patchcore', scales: [] }, 'spec.detector.scales'],
    [{ method: 'patchcore', rotations: 'yes' }, 'spec.detector.rotations'],
    [{ method: 'padim', rotations: true }, 'rotations'],
    [{ method: 'subspace', explainedVariance: 1 }, 'spec.detector.explainedVariance'],
    [{ method: 'subspace', explainedVariance: 0.9, components: 3 }, 'not both'],
    [{ method: 'subspace', neighbors: 3 }, 'neighbors'],
  ])('%j is refused by its field', (detector, message) => {
    expect(() => parseSpec(FIT_SPEC, { ...FIT, detector })).toThrow(message)
  })

  test('what a run was made with is told in words and numbers', () => {
    const layers = ['layer2']
    expect(optionsOf({ method: 'subspace', imageScore: { topShare: 0.02 }, flips: true }, layers, 3)).toEqual({
      ...{ layers, explainedVariance: 0.99, imageScore: 'mean of the highest 0.02', flips: true, seed: 3 },
    })
    expect(optionsOf({ method: 'subspace', components: 4 }, layers, 0)).toEqual({ layers, components: 4, seed: 0 })
    expect(optionsOf({ method: 'patchcore', position: 0.1, scales: [1, 0.5] }, layers, 0)).toEqual({
      ...{ layers, coresetRatio: 0.1, position: 0.1, scales: [1, 0.5], seed: 0 },
    })
  })
})
