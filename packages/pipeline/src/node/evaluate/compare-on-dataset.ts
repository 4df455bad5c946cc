import { TabError } from '@tab/core'
import { goodImagesOf, type Dataset } from '@tab/data'
import { openDataset } from '@tab/data/node'
import type { Evaluation, NamedEvaluation } from '../../results/evaluation.ts'
import type { BackboneSpec } from '../../spec/backbone-spec.ts'
import { DEFAULT_BACKBONES } from '../../spec/default-backbone.ts'
import { optionsOf } from '../../spec/detector-spec.ts'
import type { ComparisonSpec } from '../../spec/evaluate-spec.ts'
import type { WrittenOut } from '../../spec/size.ts'
import { tilesText } from '../../spec/tiles-spec.ts'
import { planPictures } from '../picture-recipe.ts'
import { openRecipe } from '../open-recipe.ts'
import type { PipelineTask } from '../pipeline-task.ts'
import { evaluateRecipe } from './evaluate-recipe.ts'
import { withShots } from './with-shots.ts'

/** One detection method on several backbones, on one data set. */
export interface BackboneComparison extends Disposable {
  readonly dataset: Dataset
  /** In the order of the backbones. */
  readonly runs: readonly NamedEvaluation[]
}

/**
 * Evaluates a detection method on each backbone. Their maps can be asked for until the comparison is disposed of.
 * @throws as `evaluate` does
 * @example
 * ```ts
 * import { compareOnDataset } from '@tab/pipeline/node'
 *
 * using comparison = await compareOnDataset({
 *   data: 'washers',
 *   backbones: [
 *     { name: 'file', weights: 'resnet18.safetensors' },
 *     { name: 'untrained', random: 'resnet18' },
 *   ],
 *   imageSize: [64, 64],
 * })
 * const titles = comparison.runs.map(({ title }) => title)
 * const view = await comparison.runs[0]?.evaluation.scoring.view(0) // of the first test image
 * console.log(titles, view?.map.length) // [ 'file', 'untrained' ] 4096
 * ```
 */
export async function compareOnDataset(
  spec: WrittenOut<ComparisonSpec>,
  task: PipelineTask = {},
): Promise<BackboneComparison> {
  const { data, layout, category, backbones = DEFAULT_BACKBONES, shots = 'full', seed = 0 } = spec
  const whole = await openDataset(data, { layout, category, signal: task.signal })
  const { length: most } = goodImagesOf(whole)
  if (shots !== 'full' && shots > most) {
    const expected = `at most ${most}, as ${data} has no more good training images`
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.shots', expected, actual: String(shots) })
  }
  const dataset = withShots(whole, shots, seed)
  const runs: NamedEvaluation[] = []
  const opened: (() => void)[] = []
  const close = (): void => opened.splice(0).forEach((dispose) => dispose())
  try {
    for (const backbone of backbones) {
      const name = backbones.length === 1 ? undefined : backbone.name
      const { evaluation, dispose } = await evaluateBackbone(dataset, name, backbone, spec, task)
      const { method } = spec.detector ?? PATCHCORE
      runs.push({ title: name ?? method, evaluation, threshold: evaluation.results.run.threshold })
      // Maps that were not kept are predicted again for a gallery, which no one can choose before all are scored.
      if (evaluation.results.run.pixelMetrics.method === 'exact') dispose()
      else opened.push(dispose)
    }
  } catch (error) {
    close()
    throw error
  }
  return { dataset, runs, [Symbol.dispose]: close }
}

const PATCHCORE = { method: 'patchcore' } as const

/** @param name what the backbone is called beside others; alone it is called by its file */
async function evaluateBackbone(
  dataset: Dataset,
  name: string | undefined,
  backbone: BackboneSpec,
  spec: WrittenOut<ComparisonSpec>,
  task: PipelineTask,
): Promise<{ readonly evaluation: Evaluation; dispose(): void }> {
  const { detector = PATCHCORE, tiles, seed = 0, calibrate: rate } = spec
  const pictures = await planPictures(spec, goodImagesOf(dataset))
  const { size } = pictures.preparation
  const { batchSize, skipUnreadable, pixelMetrics } = spec
  const from =
    'random' in backbone ? backbone : { weights: backbone.weights, foreign: spec.foreign, size: pictures.seen }
  const { recipe: opened, layers, extractor, name: fileName, note } = await openRecipe(detector, from, seed, task)
  if (note !== undefined) task.onNote?.(note)
  const recipe = pictures.looking(opened)
  try {
    const options = {
      ...optionsOf(detector, layers, seed),
      ...(tiles ? { tiles: tilesText(tiles) } : {}),
      ...(spec.foreground ? { foreground: true } : {}),
    }
    const evaluation = await evaluateRecipe(
      {
        ...{ dataset, recipe, size, batchSize, skipUnreadable, pixelMetrics },
        ...(spec.reading ? { reading: spec.reading } : {}),
        ...(rate === undefined ? {} : { calibration: { rate, seed } }),
        description: { dataset: dataset.name, backbone: name ?? fileName, detector: detector.method, options },
      },
      task,
    )
    const dispose = (): void => {
      evaluation.dispose()
      extractor.dispose()
    }
    return { evaluation, dispose }
  } catch (error) {
    extractor.dispose()
    throw error
  }
}
