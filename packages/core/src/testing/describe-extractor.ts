import type { FeatureExtractor } from '../feature-extractor.ts'
import { tensor } from '../tensor.ts'
import { ensure, ensureClose, ensureIdentical, ensureRefused, ensureShape } from './assertions.ts'
import { randomTensor, sliceBatch } from './random-tensor.ts'
import { resolveRunner, type TestRunner } from './runner.ts'

export interface ExtractorSuiteOptions {
  readonly create: () => FeatureExtractor | Promise<FeatureExtractor>
  /** `[height, width]` of the images to try. Default [64, 96]. */
  readonly size?: readonly [number, number]
  readonly runner?: TestRunner
}

/**
 * The contract of {@link FeatureExtractor}: shapes per layer, batches, determinism, refusals, disposal.
 * @example
 * ```ts no-run: needs a test runner
 * import { describe, test } from 'node:test'
 * import type { FeatureExtractor } from '@tab/core'
 * import { describeExtractor } from '@tab/core/testing'
 * declare function myExtractor(): Promise<FeatureExtractor>
 * describeExtractor('mine', { create: myExtractor, runner: { describe, test } })
 * ```
 */
export function describeExtractor(name: string, { create, size = [64, 96], runner }: ExtractorSuiteOptions): void {
  const { describe, test } = resolveRunner(runner)
  const [height, width] = size
  const images = randomTensor('images', [3, height, width, 3])

  describe(`FeatureExtractor contract: ${name}`, () => {
    async function extractAll(extractor: FeatureExtractor) {
      return extractor.extract(
        images,
        extractor.layers.map((layer) => layer.name),
      )
    }

    test('has an id and layers with distinct names, deeper ones not finer', async () => {
      const extractor = await create()
      ensure(extractor.id.length > 0, 'id must not be empty')
      ensure(extractor.layers.length > 0, 'there must be a layer')
      ensure(
        new Set(extractor.layers.map((layer) => layer.name)).size === extractor.layers.length,
        'layer names repeat',
      )
      extractor.layers.forEach((layer, index) => {
        const previous = extractor.layers[index - 1]
        ensure(
          previous === undefined || previous.stride <= layer.stride,
          `layer ${layer.name} is finer than the one before`,
        )
      })
      extractor.dispose()
    })

    test('features have the documented shapes and are finite', async () => {
      const extractor = await create()
      const features = await extractAll(extractor)
      ensure(
        features.size === extractor.layers.length,
        `expected ${extractor.layers.length} maps, got ${features.size}`,
      )
      for (const { name: layer, channels, stride } of extractor.layers) {
        const map = features.get(layer)
        ensure(map !== undefined, `no features for layer ${layer}`)
        ensureShape(layer, map, [3, Math.ceil(height / stride), Math.ceil(width / stride), channels])
        ensure(map.data.every(Number.isFinite), `${layer} holds NaN or infinity`)
      }
      extractor.dispose()
    })

    test('only the layers asked for are returned', async () => {
      const extractor = await create()
      const last = extractor.layers.at(-1)?.name as string
      const features = await extractor.extract(images, [last])
      ensure([...features.keys()].join() === last, `expected ${last}, got ${[...features.keys()].join()}`)
      extractor.dispose()
    })

    test('an image has the same features alone and in a batch, and the same again', async () => {
      const extractor = await create()
      const together = await extractAll(extractor)
      const again = await extractAll(extractor)
      for (const { name: layer } of extractor.layers) {
        const wanted = together.get(layer)
        ensure(wanted !== undefined, `no features for layer ${layer}`)
        ensureIdentical(`${layer}, again`, again.get(layer) ?? wanted, wanted)
        const alone = (await extractor.extract(sliceBatch(images, 1, 2), [layer])).get(layer)
        ensure(alone !== undefined, `no features for layer ${layer}`)
        ensureClose(`${layer}, alone`, alone, sliceBatch(wanted, 1, 2), { relative: 1e-3, absolute: 1e-4 })
      }
      extractor.dispose()
    })

    test('two instances agree in id and features', async () => {
      const [first, second] = [await create(), await create()]
      ensure(first.id === second.id, `ids differ: ${first.id}, ${second.id}`)
      const [left, right] = [await extractAll(first), await extractAll(second)]
      for (const [layer, map] of left) ensureClose(layer, right.get(layer) ?? map, map)
      first.dispose()
      second.dispose()
    })

    test('refuses unknown layers, images of another shape or in 0..255, and use after disposal', async () => {
      const extractor = await create()
      const layer = extractor.layers[0]?.name as string
      await ensureRefused('unknown layer', 'NOT_FOUND', () => extractor.extract(images, ['no-such-layer']))
      await ensureRefused('rank', 'INVALID_ARGUMENT', () =>
        extractor.extract(randomTensor('i', [height, width, 3]), [layer]),
      )
      await ensureRefused('channels', 'INVALID_ARGUMENT', () =>
        extractor.extract(tensor([1, 8, 8, 1], new Float32Array(64)), [layer]),
      )
      await ensureRefused('pixels in 0..255', 'INVALID_ARGUMENT', () =>
        extractor.extract(randomTensor('i', [1, height, width, 3], 0, 255), [layer]),
      )
      await ensureRefused('NaN pixel', 'NUMERICAL', () =>
        extractor.extract(tensor([1, height, width, 3], new Float32Array(height * width * 3).fill(NaN)), [layer]),
      )
      extractor.dispose()
      extractor.dispose()
      await ensureRefused('disposed', 'DISPOSED', () => extractor.extract(images, [layer]))
    })
  })
}
