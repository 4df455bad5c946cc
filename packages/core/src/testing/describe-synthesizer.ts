import type { AnomalySynthesizer } from '../anomaly-synthesizer.ts'
import { createRng } from '../rng.ts'
import { tensor, type Tensor } from '../tensor.ts'
import { ensure, ensureIdentical, ensureRefused, ensureShape } from './assertions.ts'
import { randomTensor } from './random-tensor.ts'
import { resolveRunner, type TestRunner } from './runner.ts'

export interface SynthesizerSuiteOptions {
  readonly create: () => AnomalySynthesizer
  /** Sizes `[height, width]` to try. Default [[64, 64], [96, 56]]. */
  readonly sizes?: readonly (readonly [number, number])[]
  readonly runner?: TestRunner
}

/** A smooth shaded disc with grain on a plain ground: has an object, a background and texture. */
function part(height: number, width: number): Tensor {
  const grain = randomTensor(`grain ${height}x${width}`, [height, width, 3], -0.05, 0.05)
  const data = grain.data.map((value, index) => {
    const pixel = Math.floor(index / 3)
    const [dy, dx] = [Math.floor(pixel / width) / height - 0.5, (pixel % width) / width - 0.5]
    const onObject = dy * dy + dx * dx < 0.14
    return onObject ? 0.45 + 0.3 * dx + 0.1 * (index % 3) + value : 0.1 + 0.1 * value
  })
  return tensor([height, width, 3], data)
}

/**
 * The contract of {@link AnomalySynthesizer}: shapes, range, mask and pixels agree, seeds decide, the input stays.
 * @example
 * ```ts no-run: needs a test runner
 * import { describe, test } from 'node:test'
 * import { scratch } from '@tab/synth'
 * import { describeSynthesizer } from '@tab/core/testing'
 * describeSynthesizer('mine', { create: () => scratch(), runner: { describe, test } })
 * ```
 */
export function describeSynthesizer(name: string, options: SynthesizerSuiteOptions): void {
  const {
    create,
    sizes = [
      [64, 64],
      [96, 56],
    ],
    runner,
  } = options
  const { describe, test } = resolveRunner(runner)

  describe(`AnomalySynthesizer contract: ${name}`, () => {
    for (const [height, width] of sizes) {
      test(`${height} x ${width}: shapes, range, a mask that is not empty and tells where pixels changed`, async () => {
        const synthesizer = create()
        const image = part(height, width)
        const before = tensor(image.shape, image.data.slice())
        for (let seed = 0; seed < 10; seed++) {
          const anomaly = synthesizer.synthesize(image, createRng(seed))
          ensureShape('image', anomaly.image, [height, width, 3])
          ensureShape('mask', anomaly.mask, [height, width], 'uint8')
          ensure(anomaly.image.data !== image.data, 'the output must not share memory with the input')
          ensure(
            anomaly.image.data.every((value) => value >= 0 && value <= 1),
            `seed ${seed}: a pixel left [0,1]`,
          )
          ensure(
            anomaly.mask.data.every((value) => value === 0 || value === 1),
            `seed ${seed}: the mask is not binary`,
          )
          ensure(anomaly.mask.data.includes(1), `seed ${seed}: the mask is empty`)
          let changed = false
          anomaly.image.data.forEach((value, index) => {
            const same = value === image.data[index]
            const outside = anomaly.mask.data[Math.floor(index / 3)] === 0
            ensure(same || !outside, `seed ${seed}: element ${index} changed outside the mask`)
            changed ||= !same
          })
          ensure(changed, `seed ${seed}: no pixel changed`)
        }
        ensureIdentical('input', image, before)
      })
    }

    test('the same seed gives the same pair, another seed another one', async () => {
      const image = part(64, 64)
      const [first, again] = [create().synthesize(image, createRng(3)), create().synthesize(image, createRng(3))]
      ensureIdentical('image', again.image, first.image)
      ensureIdentical('mask', again.mask, first.mask)
      const other = create().synthesize(image, createRng(4))
      ensure(
        other.image.data.some((value, index) => value !== first.image.data[index]),
        'seeds 3 and 4 give the same image',
      )
    })

    test('refuses images of another shape', async () => {
      const synthesizer = create()
      const grey = tensor([64, 64, 1], new Float32Array(64 * 64))
      await ensureRefused('grey', 'INVALID_ARGUMENT', () => synthesizer.synthesize(grey, createRng(1)))
      await ensureRefused('batch', 'INVALID_ARGUMENT', () =>
        synthesizer.synthesize(randomTensor('b', [1, 64, 64, 3]), createRng(1)),
      )
    })
  })
}
