import { checkNumber, createRng, randomNormal, tensor, type TextEmbedder } from '@tab/core'
import { l2Norm } from './l2-norm.ts'

export interface LexicalTextEmbedderOptions {
  /** Default 64. */
  readonly dimension?: number
}

/**
 * An embedder without any meaning, for demos and tests without a model: every word and every three letters have a random
 * direction, and a text is the sum of its own. Texts with words in common are near each other; "flawless" and "perfect" are not.
 * The same text gives the same vector on every platform.
 */
export function lexicalTextEmbedder({ dimension = 64 }: LexicalTextEmbedderOptions = {}): TextEmbedder {
  checkNumber('lexicalTextEmbedder', 'dimension', dimension, { integer: true, minimum: 2 })
  const directions = new Map<string, Float64Array>()
  const directionOf = (part: string): Float64Array => {
    const known = directions.get(part)
    if (known) return known
    const rng = createRng(`lexical ${part}`)
    const direction = Float64Array.from({ length: dimension }, () => randomNormal(rng))
    directions.set(part, direction)
    return direction
  }
  return {
    id: `lexical-without-semantics-2-${dimension}`, // counted up with every change of the vectors, so that no cache mixes them
    dimension,
    async embed(texts) {
      const data = new Float32Array(texts.length * dimension)
      texts.forEach((text, row) => {
        const sum = new Float64Array(dimension)
        for (const [part, weight] of partsOf(text)) {
          directionOf(part).forEach((value, i) => (sum[i] = (sum[i] as number) + weight * value))
        }
        const norm = l2Norm(sum)
        sum.forEach((value, i) => (data[row * dimension + i] = value / norm))
      })
      return tensor([texts.length, dimension], data)
    },
  }
}

/** The text as a whole, its words, and their letters three by three. */
function partsOf(text: string): [part: string, weight: number][] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  const triples = words.flatMap((word) => {
    const padded = `^${word}$`
    return Array.from({ length: padded.length - 2 }, (_, at): [string, number] => [padded.slice(at, at + 3), 0.3])
  })
  return [[`= ${text}`, 0.1], ...words.map((word): [string, number] => [word, 1]), ...triples]
}
