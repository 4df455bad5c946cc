import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { TabError } from '@tab/core'
import { LAYOUT_NAMES, type LayoutName } from '@tab/data/node'
import { ARCHITECTURES, type Architecture } from '@tab/model'
import { parse } from 'yaml'
import * as z from 'zod'
import { notReadable } from '../files/not-readable.ts'
import { DETECTOR_FIELDS } from '../setup/detector-spec.ts'
import { parseHubId } from '../setup/hub-id.ts'

const name = z.string().min(1)
const shots = z.union([z.int().min(1), z.literal('full')])
const side = z.int().min(32).max(4096)
const size = z.union([side.transform((both): [number, number] => [both, both]), z.tuple([side, side])])

/** One data set; for one that has categories, all are evaluated unless some are named. */
const dataset = z.strictObject({
  path: name,
  name: name.optional(),
  layout: z.enum(LAYOUT_NAMES as readonly [LayoutName, ...LayoutName[]]).optional(),
  categories: z.array(name).min(1).optional(),
})

/**
 * Weights from a file, a folder of `tab pretrain` or a hub, or random ones. `{seed}`, `{dataset}` and `{category}` in `weights` stand for
 * those of the cell: a backbone trained for each.
 */
const backbone = z.union([
  z.strictObject({ name, weights: name }),
  z.strictObject({ name, random: z.enum(ARCHITECTURES as readonly [Architecture, ...Architecture[]]) }),
])

/** Restricted to some of the shots, a detector can have other settings for few images under one name. */
const detectorCommon = { name: name.optional(), shots: z.array(shots).min(1).optional() }
const detector = z.discriminatedUnion('method', [
  z
    .strictObject({ ...DETECTOR_FIELDS.patchcore, ...detectorCommon })
    .refine(({ coresetRatio, coresetSize }) => coresetRatio === undefined || coresetSize === undefined, {
      message: 'coresetRatio or coresetSize, not both',
    }),
  z.strictObject({ ...DETECTOR_FIELDS.padim, ...detectorCommon }),
])

const score = z.number().min(0).max(1).optional()

/** A figure from a paper, shown beside ours. */
const published = z.strictObject({
  source: name,
  dataset: name,
  detector: name,
  backbone: name,
  shots: shots.default('full'),
  imageAuroc: score,
  pixelAuroc: score,
  aupro: score,
})

const schema = z.strictObject({
  datasets: z.array(dataset).min(1),
  backbones: z.array(backbone).min(1),
  detectors: z.array(detector).min(1),
  shots: z.array(shots).min(1).default(['full']),
  seeds: z.array(z.int().min(0)).min(1).default([0]),
  imageSize: size.default([224, 224]),
  /** Middle part kept after the resize. */
  crop: size.optional(),
  /** Default: 8, fewer for images above 448 px. */
  batchSize: z.int().min(1).optional(),
  published: z.array(published).default([]),
})

/** What is compared with what: data sets x backbones x detectors x shots x seeds. */
export type BenchmarkConfig = z.output<typeof schema>
export type Shots = z.output<typeof shots>
export type BackboneSpec = BenchmarkConfig['backbones'][number]
export type PublishedFigure = BenchmarkConfig['published'][number]

/**
 * Checks a config and makes its paths absolute; `${NAME}` in a path is the environment's.
 * @param where what it was read from, for messages
 * @param folder what its paths are relative to
 * @throws INVALID_DATA listing everything that is wrong
 */
export function checkConfig(where: string, value: unknown, folder: string): BenchmarkConfig {
  const result = schema.safeParse(value)
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the config'}: ${message}`)
    throw new TabError('INVALID_DATA', { where, message: problems.join('; ') })
  }
  const config = result.data
  const absolute = (path: string): string => resolve(folder, withEnvironment(where, path))
  return {
    ...config,
    datasets: config.datasets.map((entry) => ({ ...entry, path: absolute(entry.path) })),
    backbones: config.backbones.map((entry) =>
      'random' in entry || parseHubId(entry.weights, folder) ? entry : { ...entry, weights: absolute(entry.weights) },
    ),
  }
}

/** Reads a YAML or JSON file as an unchecked config, and tells what its paths are relative to. */
export async function readConfig(path: string): Promise<{ value: unknown; folder: string }> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw notReadable('--config', 'a readable file', path, cause)
  })
  try {
    return { value: parse(text), folder: dirname(resolve(path)) }
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n') // the rest draws where
    throw new TabError('INVALID_DATA', { where: path, message: `not YAML: ${reason}`, cause })
  }
}

function withEnvironment(where: string, path: string): string {
  return path.replace(/\$\{(\w+)\}/g, (_, variable: string) => {
    const value = process.env[variable]
    if (value !== undefined) return value
    throw new TabError('INVALID_DATA', { where, message: `${path} needs the environment variable ${variable}` })
  })
}
