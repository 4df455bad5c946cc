import { TabError } from '@tab/core'
import type { Noun, Vocabulary } from '../vocabularies/noun.ts'
import { articleFor } from './article.ts'
import { inState, inTemplate, type NounPhrase } from './grammar.ts'
import { PRESETS, type PresetName } from './presets.ts'

export interface IndustrialPromptsOptions {
  /** Default `industrial`. */
  readonly preset?: PresetName
  /** Nouns by class name; a class without an entry is its own noun, with underscores as spaces. */
  readonly vocabulary?: Vocabulary
  /** More states, each with `{}` for the noun: `{ abnormal: ['{} with a missing thread'] }`. */
  readonly states?: { readonly normal?: readonly string[]; readonly abnormal?: readonly string[] }
  /** More templates, each with `{}` for the noun phrase. */
  readonly templates?: readonly string[]
  /** Known defects as adjectives for abnormal prompts: `scratched` gives "a scratched screw". */
  readonly defects?: readonly string[]
  /** Whole prompts, used as is. */
  readonly prompts?: { readonly normal?: readonly string[]; readonly abnormal?: readonly string[] }
}

/** Sentences that describe a part without and with defects. */
export interface PromptEnsemble {
  readonly normal: readonly string[]
  readonly abnormal: readonly string[]
}

/**
 * The prompt ensemble of a class: every state in every template, in the order of the lists, without duplicates. Before duplicates
 * are removed there are `states x templates` normal prompts and `(states + defects) x (1 + positions) x templates` abnormal ones.
 * @param className a class name (looked up in the vocabulary) or a noun
 * @throws INVALID_ARGUMENT for an empty name, a state or template without `{}` (or with two), an empty prompt, an unknown
 *   preset, or a sentence on both sides
 * @example
 * ```ts
 * import { industrialPrompts } from '@tab/prompts'
 * const { normal, abnormal } = industrialPrompts('screw', { preset: 'winclip', defects: ['scratched'] })
 * console.log(normal.length, abnormal.length, abnormal.includes('a photo of a scratched screw.')) // 154 110 true
 * ```
 */
export function industrialPrompts(className: string | Noun, options: IndustrialPromptsOptions = {}): PromptEnsemble {
  const { preset: presetName = 'industrial', states = {}, templates = [], defects = [], prompts = {} } = options
  if (!Object.hasOwn(PRESETS, presetName))
    refuse(`preset must be ${Object.keys(PRESETS).join(', ')}`, String(presetName))
  const preset = PRESETS[presetName]
  const noun = nounOf(className, options.vocabulary)
  const known = preset.states(noun)
  const text = (phrase: { readonly text: string }): string => phrase.text
  const ownStates = (side: 'normal' | 'abnormal'): string[] =>
    (states[side] ?? []).map((state) => withSlot('state', state))
  const allTemplates = [...preset.templates.map(text), ...templates.map((template) => withSlot('template', template))]

  const normal = [...known.normal.map(text), ...ownStates('normal')].map((state) => inState(state, noun))
  const abnormal = [...known.abnormal.map(text), ...ownStates('abnormal'), ...defects.map(defectState)]
    .map((state) => inState(state, noun))
    .flatMap((phrase) => [phrase, ...preset.positions.map((position) => withPosition(phrase, position.text))])
  const sentences = (phrases: readonly NounPhrase[], more: readonly string[] = []): string[] => [
    ...new Set([
      ...phrases.flatMap((phrase) => allTemplates.map((template) => inTemplate(template, phrase))),
      ...more.map(whole),
    ]),
  ]
  const ensemble = { normal: sentences(normal, prompts.normal), abnormal: sentences(abnormal, prompts.abnormal) }
  const abnormalOnes = new Set(ensemble.abnormal)
  const both = ensemble.normal.find((sentence) => abnormalOnes.has(sentence))
  if (both !== undefined) refuse('a prompt must be normal or abnormal', `"${both}" on both sides`)
  return ensemble
}

function nounOf(className: string | Noun, vocabulary: Vocabulary = {}): Noun {
  if (typeof className !== 'string') return checked(className)
  const known = Object.hasOwn(vocabulary, className) ? vocabulary[className] : undefined
  return checked(known ?? { text: className.replaceAll('_', ' ').trim() })
}

function checked(noun: Noun): Noun {
  if (noun.text.trim() === '') refuse('the class name must not be empty', JSON.stringify(noun.text))
  return noun.article || noun.form ? noun : { ...noun, article: articleFor(noun.text) }
}

function withSlot(what: 'state' | 'template', text: string): string {
  if (text.split('{}').length !== 2) refuse(`a ${what} must have one {} where the noun goes`, JSON.stringify(text))
  return text
}

function defectState(defect: string): string {
  if (defect.trim() === '' || defect.includes('{}'))
    refuse('a defect must be an adjective such as "scratched"', JSON.stringify(defect))
  return `${defect.trim()} {}`
}

function withPosition(phrase: NounPhrase, position: string): NounPhrase {
  return { ...phrase, text: `${phrase.text} ${position}` }
}

function whole(prompt: string): string {
  if (prompt.trim() === '') refuse('a prompt must not be empty', JSON.stringify(prompt))
  return prompt
}

function refuse(expected: string, actual: string): never {
  throw new TabError('INVALID_ARGUMENT', { where: 'industrialPrompts', expected, actual })
}
