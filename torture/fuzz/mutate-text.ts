import { randomInteger, type Rng } from '@tab/core'
import { mutateBytes, pick } from './mutate-bytes.ts'

const ofCsv = ['"', ',', '\n', '\r', '\0', '\ufeff', '..', '/', '\\', '""', ' ', ',,,', '\ud800', 'é', '999999999999']
const ofYaml = [
  ':',
  '- ',
  '[',
  ']',
  '{',
  '}',
  '&a ',
  '*a',
  '!!binary ',
  '!!set ',
  '<<: *a\n',
  '? ',
  '|\n',
  '---\n',
  '%YAML 1.1\n',
  '\t',
  '__proto__: 1\n',
  '1e999',
  '.nan',
  '0x7fffffffffffffff',
  '&b [*b, *b]',
  '[&a 1, *a, *a]',
  '['.repeat(3000),
  '${HOME}',
  '"\\ud800"',
]

/** Text with one to four words of its grammar put in, or bytes changed. */
function withWords(words: readonly string[]): (bytes: Uint8Array, rng: Rng, other: Uint8Array) => Uint8Array {
  return (bytes, rng, other) => {
    if (rng() < 0.35) return mutateBytes(bytes, rng, other)
    let text = new TextDecoder().decode(bytes)
    for (let left = randomInteger(rng, 1, 4); left > 0; left--) {
      const at = randomInteger(rng, 0, text.length)
      text = text.slice(0, at) + pick(rng, words) + text.slice(at + (rng() < 0.5 ? 0 : randomInteger(rng, 0, 12)))
    }
    return new TextEncoder().encode(text)
  }
}

export const mutateCsv = withWords(ofCsv)
export const mutateYaml = withWords(ofYaml)
