import {
  assertImages,
  firstNonFinite,
  sha256,
  TabError,
  tensor,
  type FeatureExtractor,
  type FeatureLayer,
  type Tensor,
} from '@tab/core'
import { fromNchw, toNormalizedNchw } from './feature-layout.ts'
import { readDescription, type ModelDescription } from './model-description.ts'
import type { OrtModule, OrtSessionOptions } from './ort.ts'
import { openSession } from './serial-session.ts'

/** How to run a backbone that @tab/model did not export: normalised [N,3,H,W] in, [N,C,h,w] out. */
export interface ForeignModel {
  /** Its feature maps, shallow first; `output` is the graph's name of a map, by default the layer's name. */
  readonly layers: readonly (FeatureLayer & { readonly output?: string })[]
  /** Mean of each channel for RGB in [0,1]. */
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}

export interface OnnxExtractorOptions {
  /** onnxruntime-node, onnxruntime-web or a compatible module. */
  readonly ort: OrtModule
  /** The ONNX file. */
  readonly model: Uint8Array
  /** Needed for a file that @tab/model did not export. */
  readonly foreign?: ForeignModel
  readonly session?: OrtSessionOptions
}

const WHERE = 'onnxExtractor'

/**
 * A feature extractor on ONNX Runtime. A file of `exportOnnx` (@tab/model) needs nothing more; any other backbone needs its
 * layers and normalisation.
 * @throws INVALID_DATA for bytes that are no loadable model, INVALID_ARGUMENT when a foreign model is not described,
 *   NOT_FOUND for outputs that the graph lacks
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
    const { layout, normalization } = description
    const [count, height, width] = images.shape as [number, number, number]
    const feed =
      layout === 'nhwc'
        ? new ort.Tensor('float32', images.data, images.shape)
        : new ort.Tensor('float32', toNormalizedNchw(images, normalization.mean, normalization.std), [
            count,
            3,
            height,
            width,
          ])
    const outputs = await runner.run(
      { [input as string]: feed },
      wanted.map(({ output }) => output),
    )
    return new Map(
      wanted.map(({ name, output }) => {
        const { data, dims } = outputs[output] as { data: Float32Array; dims: readonly number[] }
        const wrong = firstNonFinite(data)
        if (wrong >= 0) {
          const actual = `${data[wrong]} in ${name}: the weights, or the images, are not`
          throw new TabError('NUMERICAL', { where: `${where} by ${id}`, expected: 'finite features', actual })
        }
        return [name, layout === 'nhwc' ? tensor(dims, data) : fromNchw(data, dims)]
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
async function foreignId(model: Uint8Array, { layers, normalization }: ModelDescription): Promise<string> {
  const renamed = layers.flatMap(({ name, output }) => (name === output ? [] : [[name, output]]))
  const { mean, std } = normalization
  const text = JSON.stringify([await sha256(model), mean, std, renamed.sort()])
  return `onnx-${(await sha256(new TextEncoder().encode(text))).slice(0, 16)}`
}

function describeForeign(foreign: ForeignModel | undefined): ModelDescription {
  if (!foreign) {
    throw new TabError('INVALID_ARGUMENT', {
      where: WHERE,
      message: 'the model does not say what it is: give its layers, mean and std in `foreign`',
    })
  }
  const { layers, mean, std } = foreign
  return {
    layout: 'nchw',
    layers: layers.map((layer) => ({ ...layer, output: layer.output ?? layer.name })),
    normalization: { mean, std },
    id: undefined,
  }
}
