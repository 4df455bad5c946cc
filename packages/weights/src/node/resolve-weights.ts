import { stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LongTaskOptions } from '@tab/core'
import { findBundled } from '../bundled/find-bundled.ts'
import { parseHubId } from './hub-id.ts'
import { visionFile } from './read-vision.ts'
import { hubOfEnvironment, hubWeights, type Hub } from './hub-weights.ts'

/** Weights on this disk. */
export interface ResolvedWeights {
  readonly path: string
  /** For reports: the name of the file or folder, `owner/name@commit`, or the id of bundled weights. */
  readonly name: string
  /** What finds the same weights again: an absolute path, a hub id with its full commit, or the id of bundled weights. */
  readonly source: string
}

/**
 * The file that a path, a folder of `tab pretrain`, the name of bundled weights or a hub id stands for. A path is not looked at; a model of the hub is
 * downloaded unless the cache holds it.
 * @throws NOT_FOUND for a version of bundled weights that is not here, for a model that the hub lacks, or that is neither cached nor can be reached; INVALID_DATA for one without weights that can be
 *   read, or with another checksum than announced; ABORTED
 * @example
 * ```ts
 * import { resolveWeights } from '@tab/weights/node'
 *
 * const { path, source } = await resolveWeights('resnet18.safetensors', {})
 * console.log(path, source.endsWith('/resnet18.safetensors')) // resnet18.safetensors true
 * ```
 */
export async function resolveWeights(
  text: string,
  task: LongTaskOptions,
  hub: Hub = hubOfEnvironment(),
): Promise<ResolvedWeights> {
  const id = parseHubId(text)
  if (!id) {
    const found = await stat(text).catch(() => undefined)
    const bundled = found ? undefined : findBundled(text)
    if (bundled) return { path: fileURLToPath(bundled.url()), name: bundled.id, source: bundled.id }
    const path = found?.isDirectory() ? await backboneIn(text) : text
    return { path, name: basename(resolve(text)), source: resolve(text) }
  }
  const { path, commit } = await hubWeights(id, hub, task)
  return { path, name: `${id.repo}@${commit.slice(0, 12)}`, source: `${id.repo}@${commit}` }
}

/** Of `tab pretrain` or, where there is none, a vision model in the layout of the hub. */
async function backboneIn(folder: string): Promise<string> {
  const ours = join(folder, 'backbone.safetensors')
  const isOurs = await stat(ours).catch(() => undefined)
  return isOurs ? ours : ((await visionFile(folder)) ?? ours)
}
