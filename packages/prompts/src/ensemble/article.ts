/** Letters whose names begin with a vowel sound: "an LED", "an S-hook", but "a U-bolt". */
const VOWEL_LETTERS = 'AEFHILMNORSX'

/** Capitals read as a word: "a RAM chip", "a NUT". */
const READ_AS_WORDS = new Set(
  'FAN FIFO FUSE HEPA HOOK HOSE HUB LAN LAMP LENS LID MEMS MESH MIDI NAIL NAND NASA NATO NEMA NOR NUT RAID RAM REEL RING RISC ROD ROLL ROM ROPE SATA SEAL SHIM SIM SLAB SUB'.split(
    ' ',
  ),
)

// Words whose first letter and sound disagree, by their spelling: "an hour", "a European", "a one-way valve", "a unit", "an yttrium target".
const SILENT_H = /^h(?:our|onest|ono(?:u?r|rar)|eir)/
const AS_IN_YOU =
  /^(?:eu|ewe|unanim|unesco|ubiq|uk(?:e|ul|rain)|ufo|us[aeiu]|ut[eio]|ur[aeio]|uv[aeu]|uni(?:$|[^a-z]|[abcfjopqvxz]|d(?!ent|eal|iom)|g(?!n)|l(?!l)|m[eo]|r(?!on|r)|s(?!s|ol)|t(?!al|em)))/
const AS_IN_WON = /^(?:once|one)(?![a-z])|^one(?:self|ness)/
const VOWEL = /^(?:[aeiou]|y[^aeiou\W\d])/

/**
 * "a" or "an" for a word, number or abbreviation, by its sound as far as the spelling shows it.
 * @example
 * ```ts
 * import { articleFor } from '@tab/prompts'
 * console.log(['LED', 'unit', 'hour', '8-pin plug'].map((noun) => `${articleFor(noun)} ${noun}`)) // [ 'an LED', 'a unit', 'an hour', 'an 8-pin plug' ]
 * ```
 */
export function articleFor(text: string): 'a' | 'an' {
  // Accents do not change the sound; quotes, brackets and currency signs are read later or not at all.
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/^[\s"'“”‘’«»([{$€£#]+/u, '')
  if (/^\d/.test(plain)) return beginsAsEight(plain) ? 'an' : 'a'
  const letter = letterRead(plain)
  if (letter !== undefined) return VOWEL_LETTERS.includes(letter) ? 'an' : 'a'
  const word = plain.toLowerCase()
  if (SILENT_H.test(word)) return 'an'
  return VOWEL.test(word) && !AS_IN_YOU.test(word) && !AS_IN_WON.test(word) ? 'an' : 'a'
}

/** Whether a number is read as eight, eighty, eleven or eighteen, alone or as hundreds, thousands or millions. */
function beginsAsEight(text: string): boolean {
  const [whole = ''] = /^\d+(?:[,'’]\d{3})*/.exec(text) ?? []
  const digits = whole.replace(/\D/g, '')
  if (digits.startsWith('8')) return true
  const isInPairs = digits.length === 4 && whole === digits // years and hundreds: an 1800-watt motor
  return /^1[18]/.test(digits) && (isInPairs || digits.length % 3 === 2)
}

/** The first letter, in upper case, of a text read letter by letter; undefined for a text read as a word. */
function letterRead(text: string): string | undefined {
  const [first = ''] = /^[A-Za-z\d]*/.exec(text) ?? []
  if (/^[A-Za-z]$/.test(first) || /^[a-z][A-Z]/.test(first)) return (first[0] as string).toUpperCase() // O-ring, mSATA
  const [, capitals] = /^([A-Z]{2,}|[A-Z](?=\d))(?:s?$|\d)/.exec(first) ?? [] // LED, LEDs, RJ45, M8
  if (capitals === undefined) return undefined
  const isWord = READ_AS_WORDS.has(capitals) || (capitals.length > 4 && /[AEIOUY]/.test(capitals))
  return isWord ? undefined : capitals[0]
}
