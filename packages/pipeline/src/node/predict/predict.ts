import { TabError } from '@tab/core'
import { parseSpec } from '../../spec/parse-spec.ts'
import { PREDICT_SPEC, type PredictSpec } from '../../spec/predict-spec.ts'
import { openInspector } from '../inspect/open-inspector.ts'
import type { PipelineTask } from '../pipeline-task.ts'
import { findImages } from './find-images.ts'
import { heatmapFolder, withinHeatmaps } from './heatmap-folder.ts'
import { notScored, type ImageResult } from './image-result.ts'
import { counted, NONE_JUDGED, type JudgedCounts } from './judged-counts.ts'
import { predictImages, type DrawHeatmap } from './predict-images.ts'
import { scoreWatched } from './score-watched.ts'
import { watchImages } from './watch-images.ts'
import { watchSources } from './watch-sources.ts'

export interface PredictTask extends PipelineTask {
  /** Draws the pictures of `spec.heatmaps`, such as `heatmapFile` of @tab/report/node. */
  readonly drawHeatmap?: DrawHeatmap | undefined
  /** Called with each result as it comes; the next image waits until it is done. */
  readonly onResult?: ((result: ImageResult) => void | Promise<void>) | undefined
  /** Called when a watch has its detector and begins to score. */
  readonly onWatching?: (() => void) | undefined
}

export interface PredictResult extends JudgedCounts {
  /** Whether images of a watch may have passed unseen, or were there and not scored when it ended. */
  readonly missed: boolean
}

const SETTLE = 10_000 // ms
const SHOWN = 5

/**
 * Scores image files, folders and patterns with a detector, or watches them until the signal, which is how a watch ends.
 * @throws INVALID_ARGUMENT naming the field of the spec; INVALID_DATA where nothing can be read, and what `openInspector` and `predictImages`
 *   throw; ABORTED without a watch
 * @example
 * ```ts
 * import { fit, predict } from '@tab/pipeline/node'
 *
 * const [backbone, model] = ['resnet18.safetensors', 'predicting.safetensors']
 * await fit({ data: 'washers', backbone, output: model, imageSize: [64, 64] })
 * const scores: (number | null)[] = []
 * const { good, failed } = await predict(
 *   { inputs: ['washers/train/good/000.png'], model },
 *   { onResult: ({ score }) => void scores.push(score) },
 * )
 * console.log(good, failed, scores.length) // 1 0 1
 * ```
 */
export async function predict(given: PredictSpec, task: PredictTask = {}): Promise<PredictResult> {
  const spec = parseSpec(PREDICT_SPEC, given)
  const { inputs, model, backbone, threshold, smallestDefect, watch, settle = SETTLE } = spec
  const { signal, onProgress, onNote, onResult, onWatching, drawHeatmap } = task
  if (spec.heatmaps !== undefined && drawHeatmap === undefined) {
    const message = 'spec.heatmaps needs it, such as heatmapFile of @tab/report/node'
    throw new TabError('INVALID_ARGUMENT', { where: 'predict.drawHeatmap', message })
  }
  const { files, leftOut } = watch ? { files: [], leftOut: [] } : await findImages(inputs)
  await using folder = await heatmapFolder(spec, files)
  const isOurs = await withinHeatmaps(spec.heatmaps)
  // Before the detector is opened, which takes seconds: what comes or goes meanwhile is seen.
  const watched = watch
    ? await watchImages(await watchSources(inputs), {
        ...{ settle, newOnly: watch === 'new', isExcluded: isOurs, signal },
        onNote: (note) => onNote?.(note),
      })
    : undefined
  const inspector = await openInspector({ model, backbone, threshold, smallestDefect, signal, onProgress })
  try {
    let counts = NONE_JUDGED
    const say = async (result: ImageResult): Promise<void> => {
      counts = counted(counts, result)
      await onResult?.(result)
    }
    const options = {
      ...(spec.batchSize === undefined ? {} : { batchSize: spec.batchSize }),
      heatmaps: folder && drawHeatmap && { folder, draw: drawHeatmap },
      skipUnreadable: spec.skipUnreadable ?? false,
      signal,
    }
    if (watched) {
      onWatching?.()
      for await (const result of scoreWatched(inspector, watched, options)) await say(result)
      const waiting = await watched.waiting()
      if (waiting.length > 0) {
        onNote?.(`${waiting.length} not judged, as the watch was stopped before: ${shortList(waiting)}`)
      }
      return { ...counts, missed: watched.missed || waiting.length > 0 }
    }
    const own = await Promise.all(files.map(isOurs))
    const some = files.filter((_, index) => !own[index])
    if (some.length < files.length) onNote?.(`${files.length - some.length} heatmaps in ${spec.heatmaps} were left out`)
    for (const { path, reason } of leftOut) await say(notScored(path, reason, inspector.threshold))
    let done = 0
    for await (const result of predictImages(inspector, some, options)) {
      await say(result)
      onProgress?.({ phase: 'predict', done: ++done, total: some.length })
    }
    const { good, anomalous, unjudged, failed } = counts
    if (good + anomalous + unjudged === 0) {
      const actual = failed > 0 ? `none that can be read of ${failed}` : 'none'
      throw new TabError('INVALID_DATA', { where: 'predict', expected: `images in ${inputs.join(', ')}`, actual })
    }
    return { ...counts, missed: false }
  } finally {
    inspector.dispose()
  }
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ')
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown
}
