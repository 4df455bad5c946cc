import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { textGuided, type StatePrototypes } from '@tab/adapters'
import {
  readNaming,
  TabError,
  type Backend,
  type DetectorRecipe,
  type FeatureExtractor,
  type LongTaskOptions,
} from '@tab/core'
import { loadAlignment, type Alignment } from '@tab/model'
import { encodePrompts } from '@tab/prompts'
import { isBundledName } from '@tab/weights'
import { bundledAlignment, resolveWeights } from '@tab/weights/node'
import { withoutUndefined, type DetectorSpec } from '../spec/detector-spec.ts'
import type { BackboneSource } from './open-recipe.ts'
import { loadEmbedder } from './prompts/embedder.ts'
import { promptsOfClass } from './prompts/vocabulary.ts'

/** What scores images by text on a backbone. */
export interface TextGuide {
  readonly alignment: Alignment
  /** Of a class that the training did not have. */
  readonly prototypes?: StatePrototypes
  /** What must be known of its scores. */
  readonly note?: string
}

/**
 * Reads the alignment of a backbone, and for the bundled one, whose text encoder is part of TAB, makes the prototypes of any class.
 * @throws NOT_FOUND or INVALID_ARGUMENT, saying what to do
 */
export async function readTextGuide(
  from: BackboneSource,
  className: string | undefined,
  task: LongTaskOptions,
): Promise<TextGuide> {
  const expected = 'for text-guided scoring tab-resnet18 or a folder of tab pretrain, with its alignment'
  if ('random' in from) {
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.backbone', expected, actual: 'random weights' })
  }
  const { path, source } = await resolveWeights(from.weights, task)
  if (isBundledName(source)) return bundledGuide(source, className, task)
  const file = join(dirname(path), 'alignment.safetensors')
  const bytes = await readFile(file).catch((cause: unknown) => {
    const actual = `${file}, which cannot be read`
    throw new TabError('NOT_FOUND', { where: 'spec.backbone', expected, actual, cause })
  })
  return { alignment: readNaming(file, () => loadAlignment(bytes)) }
}

async function bundledGuide(id: string, className: string | undefined, task: LongTaskOptions): Promise<TextGuide> {
  const alignment = loadAlignment(await bundledAlignment(id))
  const note = `text: lexical, which knows words but no meaning (no CLIP text), as ${id} was aligned with`
  if (className === undefined) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.detector.class',
      expected: `what the part is, such as "washer", for text-guided scoring on ${id}`,
      actual: 'none',
    })
  }
  if (alignment.prototypes.has(className)) return { alignment, note }
  const { normal, abnormal } = await encodePrompts(
    promptsOfClass(className),
    await loadEmbedder('lexical', 'fp32', true, task),
  )
  return { alignment, prototypes: { normal: normal.vector, abnormal: abnormal.vector }, note }
}

/** The recipe of a text-guided spec. */
export function textGuidedOf(
  { patchWeight, sigma, class: className }: DetectorSpec & { readonly method: 'text-guided' },
  parts: { readonly extractor: FeatureExtractor; readonly backend: Backend },
  { alignment, prototypes }: TextGuide,
): DetectorRecipe {
  const named = prototypes ? { prototypes } : { className }
  return textGuided({ ...parts, alignment, ...withoutUndefined({ ...named, patchWeight, sigma }) })
}
