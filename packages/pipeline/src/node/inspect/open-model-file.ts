import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readDetectorHeader, type DetectorHeader } from '@tab/adapters'
import { readNaming, TabError, type LongTaskOptions } from '@tab/core'
import { notReadable } from '@tab/core/node'
import { featureLayers } from '../../inspect/feature-layers.ts'
import { notedBackbone, notedForeign } from '../../inspect/noted-backbone.ts'
import { assertBackbone, nodeEngine, type NodeEngine, type NodeEngineOptions } from './node-engine.ts'

/** A detector file and what runs it. */
export interface ModelFile {
  readonly detector: Uint8Array
  readonly header: DetectorHeader
  /** How messages call the file. */
  readonly name: string
  readonly loaded: NodeEngine
}

/**
 * Reads a detector file and loads its backbone, by default the one that it names.
 * @throws NOT_FOUND without the file or the backbone, MISSING_DEPENDENCY without onnxruntime-node, INVALID_DATA for another file
 */
export async function openModelFile(
  where: string,
  model: string | URL | Uint8Array,
  { backbone, ...options }: NodeEngineOptions,
  task: LongTaskOptions,
): Promise<ModelFile> {
  const path = model instanceof URL ? fileURLToPath(model) : model
  const name = typeof path === 'string' ? `${where}.model ${path}` : `${where}.model`
  const detector = typeof path === 'string' ? await bytesAt(where, path) : path
  const header = readNaming(name, () => readDetectorHeader(detector))
  const field = `${where}.backbone`
  const expected = `the path of backbone ${header.extractorId}`
  const noted = notedBackbone(header.notes)
  if (backbone === undefined && !options.extractor) {
    if (noted === undefined)
      throw new TabError('INVALID_ARGUMENT', { where: field, expected, actual: 'none, and the file names none' })
    await assertBackbone(field, noted, expected, ' in the file, where it no longer exists')
  } else if (typeof backbone === 'string') await assertBackbone(field, backbone, expected, ', which does not exist')
  const foreign = options.foreign ?? notedForeign(header.notes)
  const chosen = { ...options, foreign, backbone: backbone ?? (options.extractor ? undefined : noted) }
  return { detector, header, name, loaded: await nodeEngine(where, chosen, featureLayers(header), task) }
}

async function bytesAt(where: string, path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw notReadable(`${where}.model`, 'a readable file', path, cause)
  })
}
