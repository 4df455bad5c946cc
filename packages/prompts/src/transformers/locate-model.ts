import { parseHubId, TabError, type HubId } from '@tab/core'
import type { TransformersEnvironment } from './load-library.ts'
import { problemsOf, type Precision } from './model-files.ts'
import type { NodeModules } from './node-modules.ts'

const WHERE = 'transformersTextEmbedder'

/** Where a text model is. */
export type ModelPlace =
  | { readonly kind: 'folder'; readonly name: string; readonly folder: string }
  | { readonly kind: 'hub'; readonly name: string; readonly id: HubId }

/**
 * Finds a model by the rule of `parseHubId`. In Node a folder is looked into, and a model of the hub is looked for on the disk when nothing may
 * be asked of the network, so that the packages are only given what is there.
 * @throws NOT_FOUND saying what is missing and where it was looked for
 */
export function locateModel(
  model: string,
  precision: Precision,
  offline: boolean,
  environment: TransformersEnvironment,
  node: NodeModules | undefined,
): ModelPlace {
  const id = parseHubId(model, (path) => node?.fs.existsSync(path) ?? false)
  if (id && !offline) return { kind: 'hub', name: nameOf(id), id }
  if (!node) {
    if (!id) return { kind: 'folder', name: model.replace(/\/+$/, '').split('/').at(-1) ?? '', folder: model }
    throw notFound(model, 'a model of the hub cannot be loaded offline in a browser: give the path of a folder')
  }
  if (id) return { kind: 'folder', name: nameOf(id), folder: folderOnDisk(model, id, precision, environment, node) }
  const folder = node.path.resolve(model)
  if (!node.fs.existsSync(folder)) {
    throw notFound(model, `there is no such folder, and models of the hub are called owner/name`)
  }
  const problems = problemsOf(node, folder, precision)
  if (problems.length > 0) throw notFound(model, `in this folder, ${problems.join('; ')}`)
  return { kind: 'folder', name: node.path.basename(folder), folder }
}

function nameOf({ repo, revision }: HubId): string {
  return revision === 'main' ? repo : `${repo}@${revision}`
}

function folderOnDisk(
  model: string,
  id: HubId,
  precision: Precision,
  environment: TransformersEnvironment,
  node: NodeModules,
): string {
  const places = foldersOfHub(id, environment, node)
  const found = places.find((folder) => problemsOf(node, folder, precision).length === 0)
  if (found !== undefined) return found
  const begun = places.find((folder) => node.fs.existsSync(folder))
  const lacking = begun === undefined ? '' : ` (in ${begun}, ${problemsOf(node, begun, precision).join('; ')})`
  throw notFound(
    model,
    `it is not on this disk, and nothing may be asked of the network; it was looked for in ${places.join(', ')}${lacking}`,
  )
}

/** Where the packages, and the other clients of the hub, keep a model. */
export function foldersOfHub(
  { repo, revision }: HubId,
  { cacheDir, localModelPath }: TransformersEnvironment,
  { fs, os, path, env }: NodeModules,
): string[] {
  const shared = env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE']
  const home = env['HF_HOME'] ?? path.join(env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'huggingface')
  const model = path.join(shared ?? path.join(home, 'hub'), `models--${repo.replace('/', '--')}`)
  let commit = revision
  try {
    commit = fs.readFileSync(path.join(model, 'refs', revision), 'utf8').trim()
  } catch {
    // A commit has no ref, and a model that is not there neither.
  }
  return [
    ...(cacheDir ? [path.join(cacheDir, repo, revision === 'main' ? '' : revision)] : []),
    path.join(localModelPath, repo),
    path.join(model, 'snapshots', commit),
  ]
}

function notFound(model: string, reason: string): TabError {
  return new TabError('NOT_FOUND', {
    where: WHERE,
    message: `cannot load a CLIP text model from ${model}: ${reason}`,
  })
}
