import {
  assertImages,
  firstNonFinite,
  formatShape,
  isTabError,
  sha256,
  TabError,
  tensor,
  type FeatureExtractor,
  type FeatureLayer,
  type Tensor,
} from '@tab/core'
import { fromNchw, toNormalizedNchw } from './feature-layout.ts'
import { areNumbers, isCount, isLayer, readDescription, type ModelDescription } from './model-description.ts'
import type { OrtModule, OrtSessionOptions } from './ort.ts'
import { openSession } from './serial-session.ts'
import { assertPatches, fromTokens, refusedSize, type TokenLayout } from './token-layout.ts'

/** How to run a backbone that @tab/model did not export: it takes normalised [N,3,H,W] and gives maps [N,C,h,w] or tokens [N,T,C]. */
export interface ForeignModel {
  /** Its feature maps, shallow first; `output` is the name of a map in the graph, by default the name of the layer. */
  readonly layers: readonly (FeatureLayer & { readonly output?: string })[]
  /** Mean of each channel for RGB in [0,1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** Where outputs are tokens of a vision transformer: how they lie in the image. */
  readonly tokens?: TokenLayout
}

export interface OnnxExtractorOptions {
  /** onnxruntime-node, onnxruntime-web or a compatible module. */
  readonly ort: OrtModule
  /** The ONNX file. */
  readonly model: Uint8Array
  /** Required for a file that @tab/model did not export. */
  readonly foreign?: ForeignModel
  readonly session?: OrtSessionOptions
}

const WHERE = 'onnxExtractor'

/**
 * A feature extractor on ONNX Runtime. A file written by `exportOnnx` of @tab/model describes itself; for any other backbone, give its
 * layers and normalisation as `foreign`.
 * @throws INVALID_DATA for bytes that are not a loadable model, INVALID_ARGUMENT when a foreign model is not described, NOT_FOUND for
 *   outputs that the graph lacks
 * @example
 * ```ts
 * import { onnxExtractor } from '@tab/backend-onnx'
 * import { loadOrt } from '@tab/backend-onnx/node'
 * import { tensor } from '@tab/core'
 * import { createBackbone, exportOnnx } from '@tab/model'
 *
 * const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' })
 * const extractor = await onnxExtractor({ ort: await loadOrt(), model: exportOnnx(backbone, { layers: ['layer2'] }) })
 * const features = await extractor.extract(tensor([1, 32, 32, 3], new Float32Array(3072)), ['layer2'])
 * console.log(features.get('layer2')?.shape) // [ 1, 4, 4, 128 ]
 * extractor.dispose()
 * ```
 */
export async function onnxExtractor({
  ort,
  model,
  foreign,
  session = {},
}: OnnxExtractorOptions): Promise<FeatureExtractor> {
  const description = readDescription(model) ?? describeForeign(foreign)
  const runner = await openSession(WHERE, ort, model, session)
  const [input] = runner.inputNames
  const lacking = description.layers.filter(({ output }) => !runner.outputNames.includes(output))
  if (input === undefined || lacking.length > 0) {
    runner.dispose()
    throw new TabError('NOT_FOUND', {
      where: WHERE,
      expected: `outputs among ${runner.outputNames.join(', ')}`,
      actual: lacking.map(({ output }) => output).join(', '),
    })
  }
  const id = description.id ?? (await foreignId(model, description))
  let disposed = false

  async function extract(images: Tensor, layers: readonly string[]): Promise<ReadonlyMap<string, Tensor>> {
    const where = `${WHERE}.extract`
    if (disposed) throw new TabError('DISPOSED', { where, message: 'used after dispose()' })
    assertImages(where, images)
    const wanted = layers.map((name) => {
      const layer = description.layers.find((candidate) => candidate.name === name)
      if (layer) return layer
      const known = description.layers.map((candidate) => candidate.name).join(', ')
      throw new TabError('NOT_FOUND', { where, expected: `layers among ${known}`, actual: name })
    })
    const { layout, normalization, tokens } = description
    const [count, height, width] = images.shape as [number, number, number]
    const size = [height, width] as const
    if (tokens) assertPatches(where, tokens, size)
    const feed =
      layout === 'nhwc'
        ? new ort.Tensor('float32', images.data, images.shape)
        : new ort.Tensor('float32', toNormalizedNchw(images, normalization.mean, normalization.std), [
            count,
            3,
            height,
            width,
          ])
    const running = runner.run(
      { [input as string]: feed },
      wanted.map(({ output }) => output),
    )
    const outputs = await running.catch((cause: unknown) => {
      throw tokens && !isTabError(cause) ? refusedSize(`${where} by ${id}`, tokens, size, cause) : cause
    })
    return new Map(
      wanted.map(({ name, output }) => {
        const { data, dims } = outputs[output] as { data: Float32Array; dims: readonly number[] }
        const wrong = firstNonFinite(data)
        if (wrong >= 0) {
          const actual = `${data[wrong]} in ${name}; the weights or the images are not finite`
          throw new TabError('NUMERICAL', { where: `${where} by ${id}`, expected: 'finite features', actual })
        }
        if (layout === 'nhwc') return [name, tensor(dims, data)]
        if (dims.length === 4) return [name, fromNchw(data, dims)]
        if (tokens && dims.length === 3) return [name, fromTokens(`${where} by ${id}`, data, dims, tokens, size)]
        throw new TabError('INVALID_DATA', {
          where: `${where} by ${id}`,
          expected: `maps [N,C,h,w]${tokens ? ' or tokens [N,T,C]' : ', or tokens [N,T,C] with their layout,'} as ${name}`,
          actual: formatShape(dims),
        })
      }),
    )
  }

  return {
    id,
    layers: description.layers.map(({ name, channels, stride }) => ({ name, channels, stride })),
    extract,
    dispose() {
      disposed = true
      runner.dispose()
    },
  }
}

/** By everything that its features depend on: the same file with another normalisation is another extractor. */
async function foreignId(model: Uint8Array, { layers, normalization, tokens }: ModelDescription): Promise<string> {
  const renamed = layers.flatMap(({ name, output }) => (name === output ? [] : [[name, output]]))
  const { mean, std } = normalization
  const inTokens = tokens ? [tokens.patchSize, tokens.prefix] : []
  const text = JSON.stringify([await sha256(model), mean, std, renamed.sort(), ...inTokens])
  return `onnx-${(await sha256(new TextEncoder().encode(text))).slice(0, 16)}`
}

function describeForeign(foreign: ForeignModel | undefined): ModelDescription {
  if (!foreign) {
    throw new TabError('INVALID_ARGUMENT', {
      where: WHERE,
      message: 'the model does not describe itself: give its layers, mean and std as `foreign`',
    })
  }
  const { layers, mean, std, tokens } = foreign
  const sound =
    Array.isArray(layers) &&
    layers.length > 0 &&
    layers.every((layer) => isLayer(layer) && ['string', 'undefined'].includes(typeof layer.output)) &&
    areNumbers(mean, -Infinity) &&
    areNumbers(std, 0) &&
    (tokens === undefined || (isCount(tokens?.patchSize, 1) && isCount(tokens.prefix, 0)))
  if (!sound) {
    const expected = 'foreign with layers (name, channels, stride), three numbers as mean and as std, which are above 0'
    throw new TabError('INVALID_ARGUMENT', { where: WHERE, expected, actual: JSON.stringify(foreign) })
  }
  return {
    layout: 'nchw',
    layers: layers.map((layer) => ({ ...layer, output: layer.output ?? layer.name })),
    normalization: { mean, std },
    tokens,
    id: undefined,
  }
}
