import type { Backbone } from './backbone.ts'

const { imul } = Math // a local name: looking up a global is slow in sandboxes such as jest's

/**
 * A 64-bit digest of a backbone's weights and normalisation as 16 hexadecimal digits: it tells versions of a backbone apart
 * (FNV-1a over 32-bit words, two streams); it does not protect against forgery.
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
