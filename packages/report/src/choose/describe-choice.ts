import type { Choice } from '@tab/pipeline/results'
import { choiceSentences } from './choice-sentences.ts'
import { choiceTable, type ChoiceTable } from './choice-table.ts'

/** A choice as text, for a terminal or a log. */
export interface ChoiceText extends ChoiceTable {
  /** What it stands on, what was chosen, the smallest defect found and how many images are enough, in plain words. */
  readonly sentences: readonly string[]
}

/**
 * What a choice says: a row for each candidate, from the best down, and sentences.
 * @example
 * ```ts
 * import { choose } from '@tab/pipeline/node'
 * import { describeChoice } from '@tab/report'
 *
 * const backbones = [{ name: 'resnet18', weights: 'resnet18.safetensors' }]
 * const small = { detectors: ['patchcore' as const], imageSizes: [32], minutes: 0.001 }
 * const { columns, rows, sentences } = describeChoice(await choose({ data: 'washers', backbones, ...small, output: 'described' }))
 * console.log(columns[0], rows[0]?.[0], rows[0]?.at(-1)) // candidate patchcore, 32 x 32 px chosen
 * console.log(sentences[0]?.split(',')[0]) // Fitted on 4 good images of 64 x 64 px
 * ```
 */
export function describeChoice(choice: Choice): ChoiceText {
  return { ...choiceTable(choice), sentences: choiceSentences(choice) }
}
