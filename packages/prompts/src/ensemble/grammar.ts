import type { Noun } from '../vocabularies/noun.ts'
import { articleFor } from './article.ts'

/** A noun phrase and the article it takes, if any. */
export interface NounPhrase {
  readonly text: string
  readonly article: 'a' | 'an' | undefined
  /** An uncountable noun: only "a piece of" it can be one, small or large. */
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
 * Puts a phrase into a template. "a {}" gets the article that the phrase needs, if any; "a small {}" and "one {}" become
 * "a small piece of {}" and "one piece of {}" for uncountable nouns, "small {}" and "some {}" for plurals.
 */
export function inTemplate(template: string, { text, article, mass }: NounPhrase): string {
  if (article !== undefined) return put(text, template.replace(/\b(?:a|an) \{\}/, `${article} {}`))
  const counted = mass
    ? template.replace(/\b(one|small|large) \{\}/, '$1 piece of {}')
    : template.replace(/\bone \{\}/, 'some {}').replace(/\ba (small|large) \{\}/, '$1 {}')
  return put(text, counted.replace(/\b(?:a|an) \{\}/, '{}'))
}

/** Replaces `{}` by a text; as a plain argument, replace() would interpret "$&" and "$$" in it. */
function put(text: string, phrase: string): string {
  return phrase.replace('{}', () => text)
}
