import type { Noun } from '../vocabularies/noun.ts'
import { articleFor } from './article.ts'

/** A noun phrase and the article it takes, if any. */
export interface NounPhrase {
  readonly text: string
  readonly article: 'a' | 'an' | undefined
  /** Of what is not counted: only a piece of it can be one, small or large. */
  readonly mass?: boolean
}

/** Puts a noun into a state: "damaged {}" and "screw" make "damaged screw". */
export function inState(state: string, noun: Noun): NounPhrase {
  const text = put(noun.text, state)
  if (noun.form === 'mass') return { text, article: undefined, mass: true }
  if (noun.form === 'plural') return { text, article: undefined }
  return { text, article: state.startsWith('{}') && noun.article ? noun.article : articleFor(text) }
}

/**
 * Puts a phrase into a template. "a {}" takes the article that the phrase needs, if any; "a small {}" and "one {}" become
 * "a small piece of {}" and "one piece of {}" for what is not counted, "small {}" and "some {}" for a plural.
 */
export function inTemplate(template: string, { text, article, mass }: NounPhrase): string {
  if (article !== undefined) return put(text, template.replace(/\b(?:a|an) \{\}/, `${article} {}`))
  const counted = mass
    ? template.replace(/\b(one|small|large) \{\}/, '$1 piece of {}')
    : template.replace(/\bone \{\}/, 'some {}').replace(/\ba (small|large) \{\}/, '$1 {}')
  return put(text, counted.replace(/\b(?:a|an) \{\}/, '{}'))
}

/** Puts a text in the place of `{}`, whatever it holds: given as it is, replace() would read "$&" and "$$" in it as patterns. */
function put(text: string, phrase: string): string {
  return phrase.replace('{}', () => text)
}
