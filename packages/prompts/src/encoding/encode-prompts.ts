import {
  assertTensor,
  checkNumber,
  TabError,
  tensor,
  throwIfAborted,
  type LongTaskOptions,
  type Tensor,
  type TextEmbedder,
} from '@tab/core'
import { l2Norm } from './l2-norm.ts'
import type { PromptEnsemble } from '../ensemble/industrial-prompts.ts'
import type { PrototypeCache } from './prototype-cache.ts'

export interface EncodePromptsOptions extends LongTaskOptions {
  /** The number of prompts per call of the embedder. Default 64. */
  readonly batchSize?: number
  /**
   * `normalised` (default) normalises every embedding before the mean, as in WinCLIP; `raw` averages the raw embeddings of the embedder's
   * `embedRaw`, as in TAB.
   */
  readonly average?: 'normalised' | 'raw'
  /** Keeps prototypes between calls, by model and prompts. */
  readonly cache?: PrototypeCache
}

/** The mean of the embeddings of one side, as a unit vector. */
export interface Prototype {
  /** [D], L2 norm 1 */
  readonly vector: Tensor
  /** The number of prompts. */
  readonly count: number
  /** The length of the mean of the unit embeddings, in [0, 1]; 1 if the model sees no difference between the prompts. */
  readonly concentration: number
}

/** The two text prototypes of a class. */
export interface TextPrototypes {
  readonly normal: Prototype
  readonly abnormal: Prototype
  /** The cosine between them; at 1 the model cannot tell the sides apart. */
  readonly cosine: number
  /** The id of the embedder. */
  readonly embedder: string
}

/**
 * Embeds both sides of a prompt ensemble and averages each into a prototype.
 * @throws INVALID_ARGUMENT for an empty side; UNSUPPORTED for `average: 'raw'` with an embedder that has no raw embeddings; INVALID_DATA
 *   if the embedder returns another number of rows or another dimension;
 *   NUMERICAL for NaN, infinity or a mean of length 0; ABORTED
 * @example
 * ```ts
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder } from '@tab/prompts'
 * const prototypes = await encodePrompts(industrialPrompts('screw'), lexicalTextEmbedder({ dimension: 32 }))
 * console.log(prototypes.normal.vector.shape, prototypes.cosine < 1) // [ 32 ] true
 * ```
 */
export async function encodePrompts(
  prompts: PromptEnsemble,
  embedder: TextEmbedder,
  options: EncodePromptsOptions = {},
): Promise<TextPrototypes> {
  const { batchSize = 64, average = 'normalised', cache } = options
  checkNumber('encodePrompts', 'batchSize', batchSize, { integer: true, minimum: 1 })
  const embed = embedding(embedder, average)
  const key = { embedder: embedder.id, average, prompts }
  const known = await cache?.get(key)
  if (known) return known
  const total = prompts.normal.length + prompts.abnormal.length
  let done = 0
  const side = async (name: 'normal' | 'abnormal'): Promise<Prototype> => {
    const texts = prompts[name]
    if (texts.length === 0) {
      throw new TabError('INVALID_ARGUMENT', { where: 'encodePrompts', expected: `${name} prompts`, actual: 'none' })
    }
    const sums = startSums(embedder.dimension)
    for (let first = 0; first < texts.length; first += batchSize) {
      throwIfAborted('encodePrompts', options.signal)
      const batch = texts.slice(first, first + batchSize)
      addRows(sums, await embed(batch), batch.length, embedder)
      done += batch.length
      options.onProgress?.({ phase: 'embed', done, total })
    }
    return prototypeOf(sums, average, texts.length)
  }
  const [normal, abnormal] = [await side('normal'), await side('abnormal')]
  const cosine = normal.vector.data.reduce((sum, value, i) => sum + value * (abnormal.vector.data[i] as number), 0)
  const prototypes: TextPrototypes = { normal, abnormal, cosine, embedder: embedder.id }
  await cache?.set(key, prototypes)
  return prototypes
}

/** Where the embeddings come from that are averaged. */
function embedding(embedder: TextEmbedder, average: 'normalised' | 'raw'): TextEmbedder['embed'] {
  if (average === 'normalised') return async (texts) => embedder.embed(texts)
  const { embedRaw } = embedder
  if (embedRaw) return async (texts) => embedRaw.call(embedder, texts)
  throw new TabError('UNSUPPORTED', {
    where: 'encodePrompts',
    expected: "an embedder with embedRaw for average 'raw'",
    actual: embedder.id,
  })
}

interface Sums {
  readonly raw: Float64Array
  readonly unit: Float64Array
}

function startSums(dimension: number): Sums {
  return { raw: new Float64Array(dimension), unit: new Float64Array(dimension) }
}

function addRows({ raw, unit }: Sums, rows: Tensor, count: number, { id, dimension }: TextEmbedder): void {
  const where = `encodePrompts with ${id}`
  assertTensor(where, 'embeddings', rows, ['N', 'D'])
  if (rows.shape[0] !== count || rows.shape[1] !== dimension) {
    throw new TabError('INVALID_DATA', {
      where,
      expected: `embeddings must be [${count},${dimension}]`,
      actual: `[${rows.shape.join(',')}]`,
    })
  }
  for (let row = 0; row < count; row++) {
    const vector = rows.data.subarray(row * dimension, (row + 1) * dimension)
    const norm = l2Norm(vector)
    if (!Number.isFinite(norm) || norm === 0) {
      throw new TabError('NUMERICAL', {
        where,
        expected: 'embeddings must be finite and not zero',
        actual: `a vector of length ${norm}`,
      })
    }
    for (let i = 0; i < dimension; i++) {
      const value = vector[i] as number
      raw[i] = (raw[i] as number) + value
      unit[i] = (unit[i] as number) + value / norm
    }
  }
}

function prototypeOf({ raw, unit }: Sums, average: 'normalised' | 'raw', count: number): Prototype {
  const mean = average === 'raw' ? raw : unit
  const norm = l2Norm(mean)
  if (norm === 0) {
    throw new TabError('NUMERICAL', { where: 'encodePrompts', message: 'the embeddings of a side cancel out' })
  }
  const vector = tensor(
    [mean.length],
    Float32Array.from(mean, (value) => value / norm),
  )
  return { vector, count, concentration: Math.min(1, l2Norm(unit) / count) }
}
