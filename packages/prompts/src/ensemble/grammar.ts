import type { Noun } from '../vocabularies/noun.ts'

/** A noun phrase and the article it takes, if any. */
export interface NounPhrase {
  readonly text: string
  readonly article: 'a' | 'an' | undefined
  /** Of what is not counted: only a piece of it can be one, small or large. */
  readonly mass?: boolean
}

// Words whose first letter and sound disagree, among those that inspection prompts use.
const VOWEL_SOUND = /^(?:[aeio]|u(?!ni(?!n)|s[abeiu]|t[ei]|r[ai]n|biq)|hour|honest|x-ray)/i

/** "a" or "an" in front of a word, by its sound as far as spelling tells. */
export function articleFor(text: string): 'a' | 'an' {
  return VOWEL_SOUND.test(text) ? 'an' : 'a'
}

/** Puts a noun into a state: "damaged {}" and "screw" make "damaged screw". */
export function inState(state: string, noun: Noun): NounPhrase {
  const text = state.replace('{}', noun.text)
  if (noun.form === 'mass') return { text, article: undefined, mass: true }
  if (noun.form === 'plural') return { text, article: undefined }
  return { text, article: state.startsWith('{}') && noun.article ? noun.article : articleFor(text) }
}

/**
 * Puts a phrase into a template. "a {}" takes the article that the phrase needs, if any; "a small {}" and "one {}" become
 * "a small piece of {}" and "one piece of {}" for what is not counted, "small {}" and "some {}" for a plural.
 */
export function inTemplate(template: string, { text, article, mass }: NounPhrase): string {
  if (article !== undefined) return template.replace(/\b(?:a|an) \{\}/, `${article} {}`).replace('{}', text)
  const counted = mass
    ? template.replace(/\b(one|small|large) \{\}/, '$1 piece of {}')
    : template.replace(/\bone \{\}/, 'some {}').replace(/\ba (small|large) \{\}/, '$1 {}')
  return counted.replace(/\b(?:a|an) \{\}/, '{}').replace('{}', text)
}
