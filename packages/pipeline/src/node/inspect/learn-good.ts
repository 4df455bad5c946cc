import { readNaming, TabError, type LongTaskOptions } from '@tab/core'
import { preparedImages } from '../../fit/prepared-images.ts'
import { featureLayers } from '../../inspect/feature-layers.ts'
import { openEngine } from '../../inspect/open-engine.ts'
import { learnImages } from '../../learn/learn-images.ts'
import type { NodeEngineOptions } from './node-engine.ts'
import { NODE_IMAGES, type NodeImage } from './node-image.ts'
import { openModelFile } from './open-model-file.ts'

export interface LearnGoodOptions extends NodeEngineOptions, LongTaskOptions {
  /** Path of a detector file of PatchCore, or its bytes; it stays as it is. */
  readonly model: string | URL | Uint8Array
  /** Good images for it to know too. */
  readonly images: readonly NodeImage[]
  /** What the file calls them. Default: their file names. */
  readonly names?: readonly string[] | undefined
}

/**
 * A detector file that knows more good images, such as those that gave false alarms: a version of its own, whose undo is the file before. Measure what it
 * misses before it is used: whoever learns a defective part as good finds its like no more.
 * @returns the bytes of the new file, whose threshold is the one before, without a guaranteed rate
 * @throws INVALID_ARGUMENT without images; UNSUPPORTED for another method than PatchCore as it is; what {@link openInspector} throws
 * @example
 * ```ts
 * import { fit, learnGood, openInspector } from '@tab/pipeline/node'
 *
 * await fit({ data: 'washers', backbone: 'resnet18.safetensors', output: 'before.safetensors', imageSize: [64, 64] })
 * const image = 'washers/test/good/000.png'
 * const scores = []
 * for (const model of ['before.safetensors', await learnGood({ model: 'before.safetensors', images: [image] })]) {
 *   const inspector = await openInspector({ model })
 *   scores.push((await inspector.inspect(image)).score ?? NaN)
 *   inspector.dispose()
 * }
 * const [before = NaN, after = NaN] = scores
 * console.log(after < before) // true
 * ```
 */
export async function learnGood(options: LearnGoodOptions): Promise<Uint8Array> {
  const where = 'learnGood'
  const { model, images, names = images.map(NODE_IMAGES.nameOf), signal, onProgress, ...engineOptions } = options
  if (images.length === 0) {
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
  }
  const task = { signal, onProgress }
  const { detector, header, name, loaded } = await openModelFile(where, model, engineOptions, task)
  try {
    const engine = await openEngine(where, loaded.engine, featureLayers(header))
    try {
      const { preparation } = header
      if (!preparation) {
        const expected = 'a detector file that says how images are prepared'
        throw new TabError('INVALID_DATA', { where: name, expected, actual: 'none' })
      }
      const prepared = preparedImages(where, images, NODE_IMAGES, preparation)
      return await readNaming(name, () => learnImages(where, detector, engine, { images: prepared, names }, task))
    } finally {
      engine.dispose()
    }
  } finally {
    loaded.dispose()
  }
}
