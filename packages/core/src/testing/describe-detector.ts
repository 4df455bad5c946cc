import type { Detector, DetectorRecipe } from '../detector.ts'
import { isTabError } from '../errors.ts'
import type { Progress } from '../long-task.ts'
import { tensor, type Tensor } from '../tensor.ts'
import { ensure, ensureClose, ensureIdentical, ensureRefused, ensureShape } from './assertions.ts'
import { randomTensor, sliceBatch } from './random-tensor.ts'
import { resolveRunner, type TestRunner } from './runner.ts'

export interface DetectorSuiteOptions {
  readonly create: () => DetectorRecipe | Promise<DetectorRecipe>
  /** `[height, width]` of the images to try. Default [64, 64]. */
  readonly size?: readonly [number, number]
  readonly runner?: TestRunner
}

/** Noisy vertical stripes: parts that look alike. */
function stripes(seed: string, count: number, height: number, width: number): Tensor {
  const noise = randomTensor(seed, [count, height, width, 3], -0.03, 0.03)
  const data = noise.data.map((value, index) => 0.5 + 0.25 * (Math.floor(index / 3) % 16 < 8 ? 1 : -1) + value)
  return tensor(noise.shape, data)
}

/** The images with a dark square of a quarter of the height in their middle. */
function spoiled(images: Tensor): Tensor {
  const [count, height, width] = images.shape as [number, number, number]
  const data = images.data.slice()
  const side = Math.floor(height / 4)
  const [top, left] = [Math.floor((height - side) / 2), Math.floor((width - side) / 2)]
  for (let n = 0; n < count; n++) {
    for (let y = top; y < top + side; y++) {
      const start = ((n * height + y) * width + left) * 3
      data.fill(0.02, start, start + side * 3)
    }
  }
  return tensor(images.shape, data)
}

/**
 * The contract of {@link DetectorRecipe} and {@link Detector}: ordering, maps, batches, state, abort, refusals, disposal.
 * @example
 * ```ts no-run: needs a test runner
 * import { describe, test } from 'node:test'
 * import type { DetectorRecipe } from '@tab/core'
 * import { describeDetector } from '@tab/core/testing'
 * declare function myRecipe(): DetectorRecipe
 * describeDetector('mine', { create: myRecipe, runner: { describe, test } })
 * ```
 */
export function describeDetector(name: string, { create, size = [64, 64], runner }: DetectorSuiteOptions): void {
  const { describe, test } = resolveRunner(runner)
  const [height, width] = size
  const normals = stripes('normals', 8, height, width)
  const held = stripes('held out', 3, height, width)
  const anomalous = spoiled(held)
  const fitted = async (): Promise<Detector> => (await create()).fit([normals])

  describe(`Detector contract: ${name}`, () => {
    test('an anomalous part scores above its normal self, and its map peaks on the defect', async () => {
      const detector = await fitted()
      const good = await detector.predict(held)
      const bad = await detector.predict(anomalous)
      ensureShape('scores', bad.scores, [3])
      ensureShape('maps', bad.maps, [3, height, width])
      ensure(
        bad.scores.data.every(Number.isFinite) && bad.maps.data.every(Number.isFinite),
        'predictions must be finite',
      )
      const side = height / 4
      for (let n = 0; n < 3; n++) {
        const [low, high] = [good.scores.data[n] as number, bad.scores.data[n] as number]
        ensure(high > low, `image ${n}: anomalous ${high} must be above normal ${low}`)
        const map = bad.maps.data.subarray(n * height * width, (n + 1) * height * width)
        const peak = map.indexOf(Math.max(...map))
        const [y, x] = [Math.floor(peak / width), peak % width]
        // Half the defect's side of slack: a feature sees around itself.
        const inside = Math.abs(y - height / 2) <= side && Math.abs(x - width / 2) <= side
        ensure(inside, `image ${n}: the map peaks at [${y},${x}], outside the defect`)
      }
      detector.dispose()
    })

    test('no images give no scores, and maps of the size of any', async () => {
      const detector = await fitted()
      const [some, none] = [await detector.predict(held), await detector.predict(sliceBatch(held, 0, 0))]
      ensureShape('scores', none.scores, [0])
      ensureShape('maps', none.maps, [0, ...some.maps.shape.slice(1)])
      detector.dispose()
    })

    test('prediction is deterministic and does not depend on the batch or change its input', async () => {
      const detector = await fitted()
      const before = tensor(anomalous.shape, anomalous.data.slice())
      const first = await detector.predict(anomalous)
      const again = await detector.predict(anomalous)
      ensureIdentical('scores again', again.scores, first.scores)
      ensureIdentical('maps again', again.maps, first.maps)
      const alone = await detector.predict(sliceBatch(anomalous, 1, 2))
      ensureClose('scores alone', alone.scores, sliceBatch(first.scores, 1, 2), { relative: 1e-3, absolute: 1e-4 })
      ensureIdentical('input', anomalous, before)
      detector.dispose()
    })

    test('fitting twice, in other batches, from an async source, gives the same detector', async () => {
      const recipe = await create()
      async function* batches() {
        yield sliceBatch(normals, 0, 3)
        yield sliceBatch(normals, 3, 8)
      }
      const [first, second] = [await recipe.fit([normals]), await recipe.fit(batches())]
      const [left, right] = [await first.predict(anomalous), await second.predict(anomalous)]
      ensureClose('scores', right.scores, left.scores, { relative: 1e-3, absolute: 1e-4 })
      first.dispose()
      second.dispose()
    })

    test('a detector restored from its state predicts bit for bit the same', async () => {
      const recipe = await create()
      const detector = await recipe.fit([normals])
      const restored = await recipe.restore(detector.state())
      const [left, right] = [await detector.predict(anomalous), await restored.predict(anomalous)]
      ensureIdentical('scores', right.scores, left.scores)
      ensureIdentical('maps', right.maps, left.maps)
      detector.dispose()
      restored.dispose()
    })

    test('restore refuses the state of another method, version or extractor', async () => {
      const recipe = await create()
      const detector = await recipe.fit([normals])
      const state = detector.state()
      await ensureRefused('method', 'INCOMPATIBLE', () => recipe.restore({ ...state, method: 'other' }))
      await ensureRefused('version', 'INCOMPATIBLE', () => recipe.restore({ ...state, version: state.version + 1 }))
      await ensureRefused('extractor', 'INCOMPATIBLE', () => recipe.restore({ ...state, extractorId: 'other' }))
      await ensureRefused('tensors', 'INVALID_DATA', () => recipe.restore({ ...state, tensors: {} }))
      detector.dispose()
    })

    test('fit and predict report progress and stop when asked', async () => {
      const recipe = await create()
      const seen: Progress[] = []
      const detector = await recipe.fit([normals], { onProgress: (progress) => seen.push(progress) })
      ensure(seen.length > 0, 'fit must report progress')
      const overshoot = seen.find(({ done, total }) => total !== undefined && done > total)
      ensure(overshoot === undefined, `progress ${JSON.stringify(overshoot)} is past its total`)
      const signal = AbortSignal.abort(new Error('enough'))
      await ensureRefused('fit', 'ABORTED', () => recipe.fit([normals], { signal }))
      await ensureRefused('predict', 'ABORTED', () => detector.predict(anomalous, { signal }))
      const controller = new AbortController()
      async function* endless() {
        for (;;) {
          yield normals
          controller.abort()
        }
      }
      await ensureRefused('endless fit', 'ABORTED', () => recipe.fit(endless(), { signal: controller.signal }))
      detector.dispose()
    })

    test('fit closes its source when it stops early', async () => {
      const recipe = await create()
      let closed = false
      async function* source() {
        try {
          yield normals
          yield randomTensor('other size', [1, height + 32, width, 3])
        } finally {
          closed = true
        }
      }
      try {
        await recipe.fit(source())
      } catch (error) {
        ensure(isTabError(error, 'INVALID_ARGUMENT'), `expected INVALID_ARGUMENT, got ${String(error)}`)
        ensure(closed, 'the source was left open')
        return
      }
      throw new Error('images of two sizes were accepted')
    })

    test('refuses no images, images of another shape, pixels that are NaN or in 0..255, and use after disposal', async () => {
      const recipe = await create()
      await ensureRefused('no batches', 'INVALID_ARGUMENT', () => recipe.fit([]))
      await ensureRefused('empty batch', 'INVALID_ARGUMENT', () =>
        recipe.fit([tensor([0, height, width, 3], new Float32Array(0))]),
      )
      await ensureRefused('rank', 'INVALID_ARGUMENT', () => recipe.fit([randomTensor('i', [height, width, 3])]))
      const detector = await recipe.fit([normals])
      await ensureRefused('rank', 'INVALID_ARGUMENT', () => detector.predict(randomTensor('i', [height, width, 3])))
      await ensureRefused('size', 'INVALID_ARGUMENT', () =>
        detector.predict(randomTensor('i', [1, height * 2, width, 3])),
      )
      const broken = tensor(
        held.shape,
        held.data.map((value, index) => (index === 7 ? NaN : value)),
      )
      await ensureRefused('NaN pixel', 'NUMERICAL', () => detector.predict(broken))
      await ensureRefused('NaN pixel in fit', 'NUMERICAL', () => recipe.fit([broken]))
      const bytes = tensor(
        held.shape,
        held.data.map((value) => Math.round(255 * value)),
      )
      await ensureRefused('pixels in 0..255', 'INVALID_ARGUMENT', () => detector.predict(bytes))
      await ensureRefused('pixels in 0..255 in fit', 'INVALID_ARGUMENT', () => recipe.fit([bytes]))
      detector.dispose()
      detector.dispose()
      await ensureRefused('disposed', 'DISPOSED', () => detector.predict(held))
    })
  })
}
