import { basename, dirname, resolve } from 'node:path'
import { encodePrompts, savePrototypes } from '@tab/prompts'
import { diskCache } from '@tab/prompts/node'
import { parseSpec } from '../../spec/parse-spec.ts'
import { PROTOTYPES_SPEC, type PrototypesSpec } from '../../spec/prototypes-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import type { PipelineTask } from '../pipeline-task.ts'
import { loadEmbedder } from './embedder.ts'
import { promptsOfClass } from './vocabulary.ts'

/** What was written. */
export interface PrototypesResult {
  /** Id of the text model. */
  readonly model: string
  readonly normalPrompts: number
  readonly abnormalPrompts: number
  /** Between the two prototypes. */
  readonly cosine: number
  /** Absolute path. */
  readonly file: string
}

/**
 * Embeds the prompt ensemble of a class by a text model, and writes the prototypes of normal and abnormal.
 * @throws INVALID_ARGUMENT naming the field; what {@link loadEmbedder} throws; ABORTED
 * @example
 * ```ts
 * import { prototypesOfClass } from '@tab/pipeline/node'
 *
 * const { model, cosine } = await prototypesOfClass({ class: 'screw', model: 'lexical', output: 'screw-prototypes.safetensors' })
 * console.log(model.startsWith('lexical'), cosine < 1) // true true
 * ```
 */
export async function prototypesOfClass(
  given: PrototypesSpec,
  { signal, onProgress }: PipelineTask = {},
): Promise<PrototypesResult> {
  const spec = parseSpec(PROTOTYPES_SPEC, given)
  const { class: name, preset = 'industrial', defects = [], model, precision = 'fp32', offline = false } = spec
  const { output, average = 'normalised', batchSize = 64, cache } = spec
  await using claim = await claimOutput(dirname(output), [basename(output)], spec.overwrite ?? false, {
    reads: [model],
  })
  const prompts = promptsOfClass(name, { preset, defects })
  const embedder = await loadEmbedder(model, precision, offline, { signal, onProgress })
  try {
    const prototypes = await encodePrompts(prompts, embedder, {
      ...{ signal, onProgress, batchSize, average },
      ...(cache === undefined ? {} : { cache: diskCache(cache) }),
    })
    await claim.publish({ [basename(output)]: savePrototypes(prototypes) })
    const { normal, abnormal, cosine } = prototypes
    const counts = { normalPrompts: normal.count, abnormalPrompts: abnormal.count }
    return { model: embedder.id, ...counts, cosine, file: resolve(output) }
  } finally {
    embedder.dispose()
  }
}
