import { join, resolve } from 'node:path'
import type { LongTaskOptions } from '@tab/core'
import type { NamedEvaluation } from '../../results/evaluation.ts'
import type { EvaluationResults } from '../../results/evaluation-results.ts'
import type { DetectorMethod } from '../../spec/detector-spec.ts'
import { EVALUATE_SPEC, type EvaluateSpec } from '../../spec/evaluate-spec.ts'
import { DEFAULT_BACKBONES } from '../../spec/default-backbone.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import type { PipelineTask } from '../pipeline-task.ts'
import { compareOnDataset } from './compare-on-dataset.ts'

/** What a report of an evaluation is drawn from. */
export interface EvaluationPage {
  readonly title: string
  readonly dataset: string
  readonly runs: readonly NamedEvaluation[]
}

export interface EvaluateTask extends PipelineTask {
  /** Draws report.html, with `describeDataset` and `renderReport` of @tab/report. Default: none is written. */
  readonly drawReport?: ((page: EvaluationPage, task: LongTaskOptions) => Promise<string>) | undefined
}

/** What was evaluated. */
export interface EvaluateResult {
  /** Name of the data set. */
  readonly dataset: string
  readonly method: DetectorMethod
  /** Of each backbone, in the order of the spec. */
  readonly runs: readonly { readonly title: string; readonly results: EvaluationResults }[]
  /** Content of results.json: the results of the only backbone, or of each by its name. */
  readonly json: string
  readonly files: { readonly results: string; readonly report: string | null }
}

/**
 * Fits a detector on the good training images of a data set, scores its test images, and writes results.json and report.html: image AUROC,
 * pixel AUROC, AUPRO and all other metrics by defect type.
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file; ABORTED
 * @example
 * ```ts
 * import { evaluate } from '@tab/pipeline/node'
 *
 * const backbones = [{ name: 'resnet18', weights: 'resnet18.safetensors' }]
 * const { method, runs, files } = await evaluate({ data: 'washers', backbones, output: 'results', imageSize: [64, 64] })
 * console.log(method, runs[0]?.results.overall.images, files.results.endsWith('results/results.json')) // patchcore 7 true
 * ```
 */
export async function evaluate(given: EvaluateSpec, task: EvaluateTask = {}): Promise<EvaluateResult> {
  const spec = parseSpec(EVALUATE_SPEC, given)
  const { output, backbones = DEFAULT_BACKBONES } = spec
  const { method } = spec.detector ?? { method: 'patchcore' }
  const weights = backbones.map((backbone) => ('weights' in backbone ? backbone.weights : undefined))
  const options = { reads: [spec.data, ...weights], optional: ['report.html'] }
  await using claim = await claimOutput(output, ['results.json', 'report.html'], spec.overwrite ?? false, options)
  const { signal, onProgress } = task
  using comparison = await compareOnDataset(spec, { signal, onProgress, onNote: task.onNote })
  const dataset = comparison.dataset.name
  const page = { title: `Evaluation: ${method} on ${dataset}`, dataset, runs: comparison.runs }
  const report = await task.drawReport?.(page, { signal, onProgress })
  const runs = page.runs.map(({ title, evaluation: { results } }) => ({ title, results }))
  const all = Object.fromEntries(runs.map(({ title, results }) => [title, results]))
  const json = `${JSON.stringify(runs.length === 1 ? runs[0]?.results : all, null, 2)}\n`
  await claim.publish({ 'results.json': json, ...(report === undefined ? {} : { 'report.html': report }) })
  const place = (name: string): string => resolve(join(output, name))
  const files = { results: place('results.json'), report: report === undefined ? null : place('report.html') }
  return { dataset, method, runs, json, files }
}
