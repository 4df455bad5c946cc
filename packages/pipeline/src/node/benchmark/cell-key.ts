import { createHash } from 'node:crypto'
import { prefetch, type Dataset } from '@tab/data'
import type { Cell } from './cells.ts'
import type { BackboneSpec } from '../../spec/backbone-spec.ts'
import { VERSION } from '../../version.ts'
import type { FileDigests } from './file-digests.ts'
import { openCell } from './open-cell.ts'

const CONCURRENCY = 8

/**
 * Keys of cells: digests of everything that decides a result, so that a resumed benchmark reuses what is the same and computes what is
 * not. Images, masks and weights count by their bytes.
 */
export function cellKeys(digests: FileDigests, signal: AbortSignal | undefined): (cell: Cell) => Promise<string> {
  const made = new Map<string, Promise<string>>()
  const once = (name: string, make: () => Promise<string>): Promise<string> => {
    const found = made.get(name) ?? make()
    made.set(name, found)
    return found
  }
  return async (cell) => {
    const { path, layout, backbone, name, detector, imageSize, crop, batchSize } = cell
    const images = await once(JSON.stringify([path, layout, name.category]), async () =>
      datasetDigest(await openCell(cell, signal), digests),
    )
    const weights = await backboneDigest(backbone, digests)
    return sha256(JSON.stringify([VERSION, name, images, weights, detector, imageSize, crop ?? null, batchSize])).slice(
      0,
      32,
    )
  }
}

/** Digest of all that a data set says: ids, labels, and the bytes of images and masks. */
export async function datasetDigest({ samples }: Dataset, digests: FileDigests): Promise<string> {
  const facts: unknown[] = []
  const read = async ({ id, split, label, defect, path, maskPath }: Dataset['samples'][number]): Promise<unknown> => {
    const mask = maskPath === undefined ? null : await digests.of(maskPath)
    return [id, split, label, defect, await digests.of(path), mask]
  }
  for await (const fact of prefetch(samples, CONCURRENCY, read)) facts.push(fact)
  return sha256(JSON.stringify(facts))
}

/** The digest of its weights, or the architecture of random ones. */
async function backboneDigest(backbone: BackboneSpec, digests: FileDigests): Promise<string> {
  return 'random' in backbone ? backbone.random : digests.of(backbone.weights)
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}
