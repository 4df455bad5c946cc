import type { LayoutName } from '@tab/data'
import * as z from 'zod'
import type { PublishedFigure } from '../results/published-figure.ts'
import type { Shots } from '../results/cell-name.ts'
import { BACKBONE_SPEC, type BackboneSpec } from './backbone-spec.ts'
import { DETECTOR_FIELDS, refineComponents, refinePatchCore, type LearningSpec } from './detector-spec.ts'
import { count, flag, layout, name, size } from './fields.ts'

/** What is compared with what: data sets x backbones x detectors x shots x seeds. */
export interface BenchmarkConfig {
  /** For one that has categories, all are evaluated unless some are named. */
  readonly datasets: readonly {
    readonly path: string
    readonly name?: string | undefined
    readonly layout?: LayoutName | undefined
    readonly categories?: readonly string[] | undefined
  }[]
  /**
   * The first is what the others are compared with. `{seed}`, `{dataset}` and `{category}` in `weights` stand for those of the run: a
   * backbone trained for each.
   */
  readonly backbones: readonly BackboneSpec[]
  /** Restricted to some of the shots, a detector can have other settings for few images under one name. */
  readonly detectors: readonly (LearningSpec & {
    readonly name?: string | undefined
    readonly shots?: readonly Shots[] | undefined
  })[]
  /** Numbers of good training images. Default: all. */
  readonly shots: readonly Shots[]
  readonly seeds: readonly number[]
  /** `[height, width]` in pixels. */
  readonly imageSize: readonly [number, number]
  /** Middle part kept after the resize. */
  readonly crop?: readonly [number, number] | undefined
  /** Default: 8, fewer for images above 448 px. */
  readonly batchSize?: number | undefined
  /** Figures of papers, shown beside ours. */
  readonly published: readonly PublishedFigure[]
}

/** A comparison with where its results go and what it may use; plain JSON. */
export interface BenchmarkSpec
  extends
    Pick<BenchmarkConfig, 'datasets' | 'backbones' | 'detectors'>,
    Partial<Omit<BenchmarkConfig, 'datasets' | 'backbones' | 'detectors'>> {
  /** Folder for results.jsonl, the tables and report.html. One that holds results.jsonl is gone on with. */
  readonly output: string
  /** Folder for features, false for none. Default: `features` in the output folder. */
  readonly cache?: string | false | undefined
  /** Runs at a time; with more than one, each has a thread of its own. Default 1. */
  readonly jobs?: number | undefined
  /** Threads of ONNX Runtime, all runs together. Default: as many as the machine has cores. */
  readonly threads?: number | undefined
  /** Try runs again that failed before. Default false. */
  readonly retryFailed?: boolean | undefined
}

const shots = z.union([z.int().min(1), z.literal('full')])
const some = { name: name.optional(), shots: z.array(shots).min(1).optional() }
const score = z.number().min(0).max(1).optional()

const fields = {
  datasets: z
    .array(
      z.strictObject({
        path: name,
        name: name.optional(),
        layout,
        categories: z.array(name).min(1).optional(),
      }),
    )
    .min(1),
  backbones: z.array(BACKBONE_SPEC).min(1),
  detectors: z
    .array(
      z.discriminatedUnion('method', [
        refinePatchCore(z.strictObject({ ...DETECTOR_FIELDS.patchcore, ...some })),
        z.strictObject({ ...DETECTOR_FIELDS.padim, ...some }),
        refineComponents(z.strictObject({ ...DETECTOR_FIELDS.subspace, ...some })),
      ]),
    )
    .min(1),
  shots: z.array(shots).min(1).default(['full']),
  seeds: z.array(z.int().min(0)).min(1).default([0]),
  imageSize: size.default([224, 224]),
  crop: size.optional(),
  batchSize: count,
  published: z
    .array(
      z.strictObject({
        source: name,
        dataset: name,
        detector: name,
        backbone: name,
        shots: shots.default('full'),
        imageAuroc: score,
        pixelAuroc: score,
        aupro: score,
      }),
    )
    .default([]),
}

/** Of a config file: what is compared, without where results go. */
export const BENCHMARK_CONFIG: z.ZodType<BenchmarkConfig> = z.strictObject(fields)

export const BENCHMARK_SPEC: z.ZodType<BenchmarkConfig & BenchmarkSpec> = z.strictObject({
  ...fields,
  output: name,
  cache: z.union([name, z.literal(false)]).optional(),
  jobs: count,
  threads: count,
  retryFailed: flag,
})
