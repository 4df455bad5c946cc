import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { notReadable } from '@tab/core/node'
import { TabError } from '@tab/core'
import { isModelName } from '@tab/weights/node'
import { parse } from 'yaml'
import { BENCHMARK_CONFIG, type BenchmarkConfig } from '../../spec/benchmark-spec.ts'

/**
 * Checks a config and makes its paths absolute; `${NAME}` in a path is the environment's.
 * @param where what it was read from, for messages
 * @param folder what its paths are relative to
 * @throws INVALID_DATA listing everything that is wrong
 * @example
 * ```ts
 * import { checkConfig } from '@tab/pipeline/node'
 *
 * const config = checkConfig(
 *   'bench.yaml',
 *   {
 *     datasets: [{ path: 'mvtec' }],
 *     backbones: [{ name: 'untrained', random: 'resnet18' }],
 *     detectors: [{ method: 'patchcore' }],
 *   },
 *   '/data',
 * )
 * console.log(config.datasets, config.shots, config.imageSize) // [ { path: '/data/mvtec' } ] [ 'full' ] [ 224, 224 ]
 * ```
 */
export function checkConfig(where: string, value: unknown, folder: string): BenchmarkConfig {
  const result = BENCHMARK_CONFIG.safeParse(value)
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
      'random' in entry || isModelName(entry.weights, folder) ? entry : { ...entry, weights: absolute(entry.weights) },
    ),
  }
}

/**
 * Reads a YAML or JSON file as an unchecked config, and tells what its paths are relative to.
 * @example
 * ```ts
 * import { mkdir, writeFile } from 'node:fs/promises'
 * import { readConfig } from '@tab/pipeline/node'
 *
 * await mkdir('configs')
 * await writeFile('configs/bench.yaml', 'seeds: [0, 1]')
 * const { value, folder } = await readConfig('configs/bench.yaml')
 * console.log(value, folder.endsWith('configs')) // { seeds: [ 0, 1 ] } true
 * ```
 */
export async function readConfig(path: string): Promise<{ value: unknown; folder: string }> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw notReadable('spec.config', 'a readable file', path, cause)
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
