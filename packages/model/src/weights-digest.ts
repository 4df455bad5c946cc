import type { Backbone } from './backbone.ts'

const { imul } = Math // a local name: looking up a global is slow in sandboxes such as jest's

/**
 * A 64-bit digest of a backbone's weights and normalisation, as 16 hexadecimal digits. It distinguishes versions of a backbone (FNV-1a
 * over 32-bit words, in two streams); it does not protect against forgery.
 * @example
 * ```ts
 * import { createBackbone, weightsDigest } from '@tab/model'
 *
 * const digest = (seed: number) => weightsDigest(createBackbone({ architecture: 'resnet18', seed, lastStage: 'layer1' }))
 * console.log(digest(0) === digest(0), digest(0) === digest(1)) // true false
 * ```
 */
export function weightsDigest({ architecture, parameters, normalization }: Backbone): string {
  let low = 0x811c9dc5
  let high = 0x2f0b4a47
  const mix = (word: number): void => {
    low = imul(low ^ word, 0x01000193)
    low ^= low >>> 15
    high = imul(high ^ word, 0x85ebca6b)
    high ^= high >>> 13
  }
  for (const character of `${architecture} ${JSON.stringify(normalization)}`) mix(character.codePointAt(0) as number)
  for (const [name, { data }] of parameters) {
    for (const character of name) mix(character.codePointAt(0) as number)
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length)
    for (let i = 0; i < words.length; i++) mix(words[i] as number)
  }
  return [high, low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
}
