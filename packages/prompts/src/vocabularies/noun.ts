import type { Material } from '../words/states.ts'

/** The noun for a class of a data set in a prompt. */
export interface Noun {
  /** As in "a photo of a {}": lower case, singular for countable nouns. */
  readonly text: string
  /** `count` takes "a" or "an"; `mass` and `plural` take no article: "damaged leather", "damaged cashews". Default `count`. */
  readonly form?: 'count' | 'mass' | 'plural'
  /** A material with known typical defects. */
  readonly material?: Material
  /** For nouns whose spelling does not show the article: "an hourglass" is `an`, "a USB hub" is `a`. */
  readonly article?: 'a' | 'an'
}

/** The nouns for the classes of a data set, by folder name. */
export type Vocabulary = Readonly<Record<string, Noun>>
