import { sha256, TabError, type HubId } from '@tab/core'
import type { TransformersEnvironment } from './load-library.ts'
import { foldersOfHub, type ModelPlace } from './locate-model.ts'
import { modelFiles, weightsFile, type Precision } from './model-files.ts'
import type { NodeModules } from './node-modules.ts'

/** The SHA-256 of a file of the model; undefined if there is no such file. */
type DigestOf = (file: string) => Promise<string | undefined>

/**
 * A digest of the content of a loaded model: its configuration, tokenizer and weights, wherever they were read from. It distinguishes
 * models of the same name.
 * @throws NOT_FOUND if a file cannot be read again
 */
export async function modelDigest(
  place: ModelPlace,
  precision: Precision,
  environment: TransformersEnvironment,
  node: NodeModules | undefined,
): Promise<string> {
  const digestOf = node ? await onDisk(place, environment, node) : overWeb(place, environment)
  const lines: string[] = []
  for (const file of modelFiles(precision)) {
    const digest = await digestOf(file)
    if (digest === undefined) {
      const expected = `${file} of the model that was loaded, for its digest`
      throw new TabError('NOT_FOUND', { where: 'transformersTextEmbedder', expected, actual: 'no such file' })
    }
    lines.push(`${file} ${digest}`)
  }
  const external = `${weightsFile(precision)}_data` // holds weights over 2 GB
  for (let part = 0; node || part > 0; part++) {
    const digest = await digestOf(part === 0 ? external : `${external}_${part}`)
    if (digest === undefined) break
    lines.push(`${part} ${digest}`)
  }
  return sha256(new TextEncoder().encode(lines.join('\n')))
}

async function onDisk(place: ModelPlace, environment: TransformersEnvironment, node: NodeModules): Promise<DigestOf> {
  const { fs, path, crypto } = node
  const folders = place.kind === 'folder' ? [place.folder] : foldersOfHub(place.id, environment, node)
  const web = place.kind === 'hub' ? overWeb(place, environment) : undefined
  return async (file) => {
    const found = folders.map((folder) => path.join(folder, file)).find((candidate) => fs.existsSync(candidate))
    if (found === undefined) return file.includes('_data') ? undefined : web?.(file)
    const hash = crypto.createHash('sha256')
    for await (const chunk of fs.createReadStream(found)) hash.update(chunk as Uint8Array)
    return hash.digest('hex')
  }
}

/** From the browser's cache, or else over the network again, mostly served by the HTTP cache. */
function overWeb(place: ModelPlace, environment: TransformersEnvironment): DigestOf {
  return async (file) => {
    const url =
      place.kind === 'folder' ? `${place.folder.replace(/\/+$/, '')}/${file}` : remoteUrl(place.id, environment, file)
    const kept = await globalThis.caches
      ?.open(environment.cacheKey ?? 'transformers-cache')
      .then((cache) => cache.match(url))
      .catch(() => undefined) // some pages may not use it
    const response = kept ?? (await (environment.fetch ?? fetch)(url))
    return response.ok ? sha256(new Uint8Array(await response.arrayBuffer())) : undefined
  }
}

function remoteUrl(
  { repo, revision }: HubId,
  { remoteHost, remotePathTemplate }: TransformersEnvironment,
  file: string,
): string {
  const path = remotePathTemplate
    .replaceAll('{model}', () => repo)
    .replaceAll('{revision}', () => encodeURIComponent(revision))
  return [remoteHost, path, file].map((part) => part.replace(/^\/+|\/+$/g, '')).join('/')
}
