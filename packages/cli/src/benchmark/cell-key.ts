import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { Dataset } from '@tab/data'
import { VERSION } from '../version.ts'
import type { Cell } from './cells.ts'
import type { BackboneSpec } from './config.ts'
import { openCell } from './open-cell.ts'

/**
 * Keys of cells: digests of everything that decides a result, so that a resumed benchmark takes up what is the same and computes what is
 * not. Weights count by their bytes, images by names and sizes of their files.
 */
export function cellKeys(signal: AbortSignal | undefined): (cell: Cell) => Promise<string> {
  const digests = new Map<string, Promise<string>>()
  const once = (name: string, make: () => Promise<string>): Promise<string> => {
    const found = digests.get(name) ?? make()
    digests.set(name, found)
    return found
  }
  return async (cell) => {
    const { path, backbone, name, detector, imageSize, crop, batchSize } = cell
    const images = await once(`data ${path} ${name.category}`, async () => datasetDigest(await openCell(cell, signal)))
    const weights = await once(JSON.stringify(backbone), () => backboneDigest(backbone))
    return sha256(JSON.stringify([VERSION, name, images, weights, detector, imageSize, crop ?? null, batchSize])).slice(
      0,
      32,
    )
  }
}

async function datasetDigest({ samples }: Dataset): Promise<string> {
  const files = samples.flatMap(({ path, maskPath }) => (maskPath === undefined ? [path] : [path, maskPath]))
  const sizes = await Promise.all(files.map(async (path) => (await stat(path)).size))
  const facts = samples.map(({ id, split, label, defect }) => [id, split, label, defect])
  return sha256(JSON.stringify([facts, sizes]))
}

async function backboneDigest(backbone: BackboneSpec): Promise<string> {
  return 'random' in backbone ? backbone.random : sha256(await readFile(backbone.weights))
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
