import {
  BTAD,
  industrialPrompts,
  KSDD2,
  MPDD,
  MVTEC_AD,
  VISA,
  type IndustrialPromptsOptions,
  type PromptEnsemble,
  type Vocabulary,
} from '@tab/prompts'

/** Every class of every known data set; where two sets share a name, the first has it. */
const KNOWN_CLASSES: Vocabulary = { ...MPDD, ...VISA, ...KSDD2, ...BTAD, ...MVTEC_AD }

/**
 * The prompt ensemble of a class by the name of its folder: the noun of a known class, else the name itself with blanks for hyphens and underscores.
 * Every command has its sentences from here.
 * @example
 * ```ts
 * import { promptsOfClass } from '@tab/pipeline/node'
 *
 * console.log(promptsOfClass('metal_nut').normal[0]) // a photo of a metal nut.
 * console.log(promptsOfClass('gear-wheel').abnormal[0]) // a photo of a damaged gear wheel.
 * ```
 */
export function promptsOfClass(name: string, options: IndustrialPromptsOptions = {}): PromptEnsemble {
  const noun = Object.hasOwn(KNOWN_CLASSES, name) ? name : name.replaceAll(/[-_]+/g, ' ')
  return industrialPrompts(noun, { ...options, vocabulary: KNOWN_CLASSES })
}
