import type { DetectorRecipe, DetectorState, LongTaskOptions } from '@tab/core'
import type { TableRow } from '@tab/metrics'
import { evaluateRecipe } from '../evaluate/evaluate-recipe.ts'
import { withShots } from '../evaluate/with-shots.ts'
import { notesOf } from '../../results/evaluation-notes.ts'
import { layersOf, recipeOf } from '../../spec/detector-spec.ts'
import { CELL_SCHEMA, type CellMetrics, type CellResult } from '../../results/cell-result.ts'
import type { CellTools } from './cell-tools.ts'
import type { Cell } from './cells.ts'
import { stopwatchExtractor } from './stopwatch-extractor.ts'

/** Fits and scores one cell. */
export async function runCell(cell: Cell, key: string, tools: CellTools, task: LongTaskOptions): Promise<CellResult> {
  const { name, detector: spec } = cell
  const { extractor, secondsPerImage } = await tools.backbone(cell)
  const featureSeconds = await secondsPerImage(layersOf(spec))
  const stopwatch = stopwatchExtractor(extractor)
  const recipe = recipeOf(spec, { extractor: stopwatch, backend: tools.backend, seed: name.seed })
  let size: Pick<CellResult['cost'], 'megabytes' | 'bankSize'> = { megabytes: 0, bankSize: null }
  let fitFeatures = 0
  const observed: DetectorRecipe = {
    ...recipe,
    async fit(normals, options) {
      const detector = await recipe.fit(normals, options)
      fitFeatures = stopwatch.seconds()
      size = sizeOfState(detector.state())
      return detector
    },
  }
  const evaluation = await evaluateRecipe(
    {
      dataset: withShots(await tools.dataset(cell), name.shots, name.seed),
      recipe: observed,
      size: cell.imageSize,
      ...(cell.crop ? { crop: cell.crop } : {}),
      batchSize: cell.batchSize,
      skipUnreadable: false,
      description: { dataset: name.dataset, backbone: name.backbone, detector: name.detector, options: {} },
    },
    task,
  )
  evaluation.dispose()
  const { results, scoring } = evaluation
  const { run, metrics, overall } = results
  const predictFeatures = (stopwatch.seconds() - fitFeatures) / overall.images
  return {
    schema: CELL_SCHEMA,
    key,
    name,
    weights: cell.weights ?? '',
    metrics: metricsOf(metrics.overall),
    byDefect: Object.fromEntries(
      metrics.byDefectType.map((row) => {
        const { imageAuroc, pixelAuroc, aupro } = metricsOf(row)
        return [String(row.defectType), { imageAuroc, pixelAuroc, aupro }]
      }),
    ),
    cost: {
      fitSeconds: run.fitSeconds - fitFeatures + run.normals * featureSeconds,
      millisecondsPerImage: overall.millisecondsPerImage + 1000 * (featureSeconds - predictFeatures),
      ...size,
    },
    defects: scoring.set.defects,
    scores: [...scoring.set.scores],
    notes: notesOf(results),
  }
}

function sizeOfState({ tensors }: DetectorState): { megabytes: number; bankSize: number | null } {
  const bytes = Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
  return { megabytes: bytes / 1e6, bankSize: tensors['bank']?.shape[0] ?? null }
}

function metricsOf({ image, pixel }: TableRow): CellMetrics {
  const auproAt = (limit: number): number | null =>
    pixel?.aupro.find(({ fprLimit }) => fprLimit === limit)?.value ?? null
  return {
    imageAuroc: image.auroc,
    imageAveragePrecision: image.averagePrecision,
    pixelAuroc: pixel?.auroc ?? null,
    pixelAveragePrecision: pixel?.averagePrecision ?? null,
    aupro: auproAt(0.3),
    aupro005: auproAt(0.05),
  }
}
