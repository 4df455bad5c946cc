import type { Material } from '../words/states.ts'

/** What a class of a data set is called in a prompt. */
export interface Noun {
  /** As in "a photo of a {}": lower case, singular for things that are counted. */
  readonly text: string
  /** `count` takes "a" or "an"; `mass` and `plural` take no article: "damaged leather", "damaged cashews". Default `count`. */
  readonly form?: 'count' | 'mass' | 'plural'
  /** Of which typical defects are known. */
  readonly material?: Material
  /** For nouns whose spelling does not tell the article: "an hourglass" is `an`, "a USB hub" is `a`. */
  readonly article?: 'a' | 'an'
}

/** Nouns of the classes of a data set, by the names of its folders. */
export type Vocabulary = Readonly<Record<string, Noun>>
