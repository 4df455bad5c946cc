import { checkNumber, createLifetime, createRng, randomNormal, tensor, type Tensor, type TextEmbedder } from '@tab/core'
import { l2Norm } from './l2-norm.ts'

export interface LexicalTextEmbedderOptions {
  /** Default 64. */
  readonly dimension?: number
}

/**
 * An embedder without semantics, for demos and tests without a model: every word and every three letters have a random direction,
 * and a text is the sum of its parts. Texts with common words are near each other; "flawless" and "perfect" are not.
 * The same text gives the same vector on every platform.
 * @example
 * ```ts
 * import { lexicalTextEmbedder } from '@tab/prompts'
 * const { data } = await lexicalTextEmbedder().embed(['a damaged screw', 'a damaged bolt', 'leather'])
 * const cosine = (a: number, b: number) =>
 *   data.slice(64 * a, 64 * a + 64).reduce((sum, value, i) => sum + value * data[64 * b + i]!, 0)
 * console.log(cosine(0, 1) > cosine(0, 2)) // true
 * ```
 */
export function lexicalTextEmbedder({ dimension = 64 }: LexicalTextEmbedderOptions = {}): TextEmbedder {
  checkNumber('lexicalTextEmbedder', 'dimension', dimension, { integer: true, minimum: 2 })
  const lifetime = createLifetime('lexicalTextEmbedder')
  const directions = new Map<string, Float64Array>()
  const directionOf = (part: string): Float64Array => {
    const known = directions.get(part)
    if (known) return known
    const rng = createRng(`lexical ${part}`)
    const direction = Float64Array.from({ length: dimension }, () => randomNormal(rng))
    directions.set(part, direction)
    return direction
  }
  const embed = (texts: readonly string[], raw = false): Tensor => {
    const data = new Float32Array(texts.length * dimension)
    texts.forEach((text, row) => {
      const sum = new Float64Array(dimension)
      for (const [part, weight] of partsOf(text)) {
        directionOf(part).forEach((value, i) => (sum[i] = (sum[i] as number) + weight * value))
      }
      const norm = raw ? 1 : l2Norm(sum)
      sum.forEach((value, i) => (data[row * dimension + i] = value / norm))
    })
    return tensor([texts.length, dimension], data)
  }
  return {
    id: `lexical-without-semantics-${dimension}-${fingerprint(embed(['a damaged screw']))}`,
    dimension,
    async embed(texts) {
      lifetime.check('embed')
      return embed(texts)
    },
    async embedRaw(texts) {
      lifetime.check('embedRaw')
      return embed(texts, true)
    },
    dispose() {
      if (lifetime.end()) directions.clear()
    },
  }
}

/** The bits of a vector's first two numbers: they change whenever the vectors change, so caches never mix two versions. */
function fingerprint({ data }: Tensor): string {
  const bits = new Uint32Array(data.slice(0, 2).buffer)
  return Array.from(bits, (value) => value.toString(16).padStart(8, '0')).join('')
}

/** The whole text, its words, and all three adjacent letters of them. */
function partsOf(text: string): [part: string, weight: number][] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const triples = words.flatMap((word) => {
    const padded = `^${word}$`
    return Array.from({ length: padded.length - 2 }, (_, at): [string, number] => [padded.slice(at, at + 3), 0.3])
  })
  return [[`= ${text}`, 0.1], ...words.map((word): [string, number] => [word, 1]), ...triples]
}
