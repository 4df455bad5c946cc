import { describe, expect, test } from '@jest/globals'
import { ensemble, padim, patchCore, textGuided, type Fusion } from '@tab/adapters'
import { referenceBackend, tensor, type Detector, type DetectorRecipe } from '@tab/core'
import { describeDetector, ensureClose, randomTensor } from '@tab/core/testing'
import { brightness, rows } from './brightness-detector.ts'
import { stripedImage, tellingAlignment } from './tiny-alignment.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const backend = referenceBackend()
const bank = (seed = 1) => patchCore({ extractor: tinyExtractor(seed), backend, coresetRatio: 0.3, sigma: 2 })
const gaussians = () => padim({ extractor: tinyExtractor(), backend, dimensions: 6, sigma: 2 })

describeDetector('an ensemble of PatchCore and text-guided', {
  create: async () => {
    const extractor = tinyExtractor()
    const alignment = await tellingAlignment(extractor, stripedImage(false), stripedImage(true))
    return ensemble([bank(), textGuided({ extractor, backend, alignment, sigma: 2 })], { fusion: 'harmonic' })
  },
  runner: { describe, test },
})
describeDetector('an ensemble within an ensemble, on two extractors', {
  create: () => ensemble([gaussians(), ensemble([bank(2)], { folds: 2 })], { fusion: 'max', folds: 2 }),
  size: [32, 32],
  runner: { describe, test },
})

/** A recipe whose values are those of another, multiplied and shifted. */
function changed(recipe: DetectorRecipe, factor: number, shift: number): DetectorRecipe {
  return {
    ...recipe,
    async fit(normals, options) {
      const detector: Detector = await recipe.fit(normals, options)
      return {
        ...detector,
        async predict(images, task) {
          const { scores, maps } = await detector.predict(images, task)
          const change = (data: Float32Array) => data.map((value) => value * factor + shift)
          return { scores: tensor(scores.shape, change(scores.data)), maps: tensor(maps.shape, change(maps.data)) }
        },
      }
    },
  }
}

describe('ensemble', () => {
  const values = [1, 2, 4, 8]
  const normals = rows(values.map((value) => [value, 0]))

  test('scales and fused values by hand', async () => {
    const fitted = (fusion: Fusion) => ensemble([brightness(), brightness()], { fusion, folds: 4 }).fit([normals])
    // Leaving one image out, the mean red of the others is (15 - v) / 6; v less it:
    const scores = values.map((value) => value - (15 - value) / 6) // -8/6, -1/6, 13/6, 41/6
    const zero = ((scores[1] as number) + (scores[2] as number)) / 2 // 1
    const unit = 1.4826 * (7 / 6 + 14 / 6) * 0.5 // of the deviations 14/6, 7/6, 7/6, 35/6
    const detector = await fitted('mean')
    const [member] = detector.state().options['members'] as unknown as {
      scale: Record<string, Record<string, number>>
    }[]
    expect(member?.scale['score']?.['zero']).toBeCloseTo(zero, 5)
    expect(member?.scale['score']?.['unit']).toBeCloseTo(unit, 5)
    // Maps: medians (v - (15 - v) / 3) / 2 are -11/6, -7/6, 1/6, 17/6, so -1/2 is typical, and the peak is 1 as above.
    expect(member?.scale['map']?.['zero']).toBeCloseTo(-0.5, 5)
    expect(member?.scale['map']?.['unit']).toBeCloseTo(1.5, 5)

    const z = (5 - 15 / 8 - zero) / unit // of an image of brightness 5
    const softplus = Math.log(1 + Math.exp(z))
    for (const [fusion, expected] of [
      ['mean', z],
      ['max', z],
      ['harmonic', softplus],
    ] as const) {
      const { scores: fused } = await (await fitted(fusion)).predict(rows([[5, 3]]))
      expect(fused.data[0]).toBeCloseTo(expected, 5)
    }
    const { maps } = await detector.predict(rows([[5, 3]]))
    expect(maps.data[1]).toBeCloseTo((3 - 15 / 8 + 0.5) / 1.5, 5)
  })

  test.each(['mean', 'max', 'harmonic'] as const)("%s: a member's unit and zero do not matter", async (fusion) => {
    const images = randomTensor('normals', [6, 32, 32, 3])
    const tested = randomTensor('tested', [3, 32, 32, 3])
    const one = await ensemble([bank(), gaussians()], { fusion }).fit([images])
    const other = await ensemble([changed(bank(), 1000, -20), gaussians()], { fusion }).fit([images])
    const [left, right] = [await one.predict(tested), await other.predict(tested)]
    ensureClose('scores', right.scores, left.scores, { relative: 1e-3, absolute: 1e-3 })
    ensureClose('maps', right.maps, left.maps, { relative: 1e-3, absolute: 1e-3 })
  })

  test('equal scores of all good images, and huge ones, give finite values', async () => {
    const span = 2 ** 22
    const same = rows([[1], [1], [1]], span)
    for (const fusion of ['mean', 'max', 'harmonic'] as const) {
      const detector = await ensemble([brightness(span), brightness(span)], { fusion }).fit([same])
      const { scores } = await detector.predict(rows([[1], [-1e6], [1e6]], span))
      const [normal, low, high] = [...scores.data] as [number, number, number]
      expect([normal, low, high].every(Number.isFinite)).toBe(true)
      expect(high).toBeGreaterThan(normal)
      expect(low).toBeLessThan(normal)
    }
  })

  test('refuses what it cannot do', async () => {
    expect(() => ensemble([])).toThrow('at least one recipe, got none')
    expect(() => ensemble([bank()], { fusion: 'median' as Fusion })).toThrow(
      'fusion among mean, max, harmonic, got median',
    )
    expect(() => ensemble([bank()], { folds: 1 })).toThrow('folds must be a whole number >= 2, got 1')
    const one = ensemble([bank()]).fit([rows([[1]])])
    await expect(one).rejects.toThrow('at least two good images to put the members on a common scale, got 1')
    const state = (await ensemble([bank(), bank()]).fit([randomTensor('n', [3, 32, 32, 3])])).state()
    await expect(ensemble([bank()]).restore(state)).rejects.toThrow('1 members, as there are recipes, got 2')
    const options = { ...state.options, fusoin: 'mean' }
    await expect(ensemble([bank(), bank()]).restore({ ...state, options })).rejects.toThrow('got fusoin')
  })
})
