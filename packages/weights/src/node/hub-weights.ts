import { readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { getRepoFolderName, HUB_URL, HubApiError, listFiles, modelInfo } from '@huggingface/hub'
import { isOffline, TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { downloadToCache } from './hub-download.ts'
import type { HubId } from './hub-id.ts'
import { VISION_CONFIGS, VISION_FILES } from './read-vision.ts'

const WHERE = 'weights'
const COMMIT = /^[0-9a-f]{40}$/

/** Where models come from and are kept. */
export interface Hub {
  readonly url: string
  /** Folder in the layout that all clients of the hub share. */
  readonly cache: string
  /** Ask nothing of the network. */
  readonly offline: boolean
  /** For models that are not public. */
  readonly token: string | undefined
}

/**
 * The hub that HF_ENDPOINT, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE (or TRANSFORMERS_OFFLINE) and HF_TOKEN name, as for its other clients.
 * @param variables default: those of the process
 * @example
 * ```ts
 * import { hubOfEnvironment } from '@tab/weights/node'
 *
 * process.env['HF_ENDPOINT'] = 'https://models.example.com/' // a mirror
 * console.log(hubOfEnvironment().url) // https://models.example.com
 * delete process.env['HF_ENDPOINT']
 * ```
 */
export function hubOfEnvironment(variables: NodeJS.ProcessEnv = process.env): Hub {
  const { HF_ENDPOINT, HF_TOKEN } = variables
  return {
    url: (HF_ENDPOINT || HUB_URL).replace(/\/+$/, ''),
    cache: cacheOf(variables),
    offline: isOffline(variables),
    token: HF_TOKEN || undefined,
  }
}

/** As `getHFHubCachePath` of the hub's client, which reads the variables of the process alone. */
function cacheOf({ HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME, XDG_CACHE_HOME }: NodeJS.ProcessEnv): string {
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface')
  return HF_HUB_CACHE ?? HUGGINGFACE_HUB_CACHE ?? join(home, 'hub')
}

/** A file of a model on this disk and the commit it is of. */
export interface HubWeights {
  readonly path: string
  readonly commit: string
}

/**
 * The weights of a model: from the cache where it holds the commit that the revision stands for, else downloaded and verified.
 * Where the hub cannot be reached, the commit that the revision last stood for serves.
 * @throws NOT_FOUND for a model that the hub has not, or that is neither cached nor can be reached; INVALID_DATA when it has no
 *   weights that can be read, or what came is not what the hub announced; ABORTED
 */
export async function hubWeights(id: HubId, hub: Hub, task: LongTaskOptions): Promise<HubWeights> {
  const folder = join(hub.cache, getRepoFolderName({ type: 'model', name: id.repo }))
  const known = await knownCommit(folder, id.revision)
  const cached = known === undefined ? undefined : await cachedWeights(folder, known)
  if (cached && (hub.offline || known === id.revision)) return cached
  if (hub.offline)
    throw unreachable(
      id,
      folder,
      'nothing is looked up on the network: --offline is given, or HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set',
    )
  try {
    return await newestWeights(id, hub, folder, task)
  } catch (error) {
    throwIfAborted(WHERE, task.signal)
    if (error instanceof TabError || (error instanceof Error && 'syscall' in error)) throw error // of this disk
    if (error instanceof HubApiError && [401, 403, 404].includes(error.statusCode)) {
      throw new TabError('NOT_FOUND', {
        where: WHERE,
        expected: 'a file, a folder of tab pretrain or a model of the hub',
        actual: `${id.repo}@${id.revision}, which is not a file here, and which ${hub.url} does not give (${error.statusCode})`,
        cause: error,
      })
    }
    if (cached) return cached
    throw unreachable(id, folder, `the hub cannot be reached: ${reasonOf(error)}`, error)
  }
}

async function newestWeights(id: HubId, hub: Hub, folder: string, task: LongTaskOptions): Promise<HubWeights> {
  const access = {
    hubUrl: hub.url,
    fetch: stoppable(task.signal),
    ...(hub.token === undefined ? {} : { accessToken: hub.token }),
  }
  const { sha: commit } = await modelInfo({
    name: id.repo,
    revision: id.revision,
    additionalFields: ['sha'],
    ...access,
  })
  let found = await cachedWeights(folder, commit)
  if (!found) {
    const files = []
    for await (const file of listFiles({ repo: id.repo, revision: commit, ...access })) files.push(file)
    const name = weightsAmong(files.map(({ path }) => path))
    const file = files.find(({ path }) => path === name)
    if (!file) {
      throw new TabError('INVALID_DATA', {
        where: WHERE,
        expected: `${id.repo} must hold model.safetensors, onnx/model.onnx with its config.json, or one .safetensors or .onnx file alone`,
        actual: files.map(({ path }) => path).join(', ') || 'nothing',
      })
    }
    // What says how to run a vision model comes first: with the model itself, the cache holds what is needed.
    const configs = files.filter(({ path }) => isVision(file.path) && VISION_CONFIGS.includes(path))
    for (const config of configs) await downloadToCache({ repo: id.repo, commit, file: config, folder, access }, task)
    found = { path: await downloadToCache({ repo: id.repo, commit, file, folder, access }, task), commit }
  }
  if (id.revision !== commit) await writeAtomically(join(folder, 'refs', id.revision), commit)
  return found
}

async function knownCommit(folder: string, revision: string): Promise<string | undefined> {
  if (COMMIT.test(revision)) return revision
  const text = await readFile(join(folder, 'refs', revision), 'utf8').catch(() => '')
  return COMMIT.test(text.trim()) ? text.trim() : undefined
}

async function cachedWeights(folder: string, commit: string): Promise<HubWeights | undefined> {
  const snapshot = join(folder, 'snapshots', commit)
  const name = weightsAmong(await readdir(snapshot, { recursive: true }).catch(() => []))
  if (name === undefined) return undefined
  const path = join(snapshot, name)
  const isThere = await stat(path).catch(() => undefined) // a link whose file was deleted is not
  return isThere && { path, commit }
}

/** The file of a model that holds its weights. */
function weightsAmong(names: readonly string[]): string | undefined {
  if (names.includes('model.safetensors')) return 'model.safetensors'
  const vision = names.includes('config.json') ? VISION_FILES.find((name) => names.includes(name)) : undefined
  if (vision !== undefined) return vision
  for (const ending of ['.safetensors', '.onnx']) {
    const fitting = names.filter((name) => name.endsWith(ending))
    if (fitting.length > 0) return fitting.length === 1 ? fitting[0] : undefined
  }
  return undefined
}

function isVision(name: string): boolean {
  return VISION_FILES.includes(name)
}

function stoppable(signal: AbortSignal | undefined): typeof fetch {
  return (url, init) => fetch(url, { ...init, ...(signal ? { signal } : {}) })
}

function unreachable({ repo, revision }: HubId, folder: string, reason: string, cause?: unknown): TabError {
  const message =
    `${repo}@${revision} is not on this disk: there is no such file or folder, and it is not in the cache (${folder}); ${reason}. ` +
    `Download its model.safetensors elsewhere and give its path, or put the cache of a machine that has it in HF_HOME`
  return new TabError('NOT_FOUND', { where: WHERE, message, cause })
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.message : error.message
}
