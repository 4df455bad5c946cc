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
 * Finds a model by the rule of `parseHubId`. In Node it checks the content of a folder and, offline, searches the disk for a hub model, so
 * that the packages are only given models that exist.
 * @throws NOT_FOUND with what is missing and where it was searched
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
    throw notFound(model, 'a hub model cannot be loaded offline in a browser: give the path of a folder')
  }
  if (id) return { kind: 'folder', name: nameOf(id), folder: folderOnDisk(model, id, precision, environment, node) }
  const folder = node.path.resolve(model)
  if (!node.fs.existsSync(folder)) {
    throw notFound(model, `there is no such folder, and hub models are called owner/name`)
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
    `it is not on this disk, and the network must not be used; searched in ${places.join(', ')}${lacking}`,
  )
}

/** The places where the packages and other hub clients store a model. */
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
    // Neither a commit nor an absent model has a ref.
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
