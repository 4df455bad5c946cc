import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '@tab/core/node'
import type { ModelFile } from '../inspection/protocol.ts'

/** A detector file as it lies in the folder of its product. */
export interface FoundFile {
  readonly product: string
  readonly version: string
  readonly path: string
  /** Changes where the file is replaced. */
  readonly stamp: string
  readonly at: Date
}

/** What a product or a version may be called: it is part of addresses and of file names. */
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,99}$/u
const ENDING = '.safetensors'

/** @returns detector files of all products, `products/NAME/VERSION.safetensors`, and entries that are none */
export async function findDetectorFiles(folder: string): Promise<{ files: FoundFile[]; leftOut: string[] }> {
  const files: FoundFile[] = []
  const leftOut: string[] = []
  for (const product of await visibleEntries(folder)) {
    const place = join(folder, product)
    const names = await visibleEntries(place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR' || error.code === 'ENOENT') return undefined
      throw error
    })
    if (!names || !NAME.test(product)) {
      leftOut.push(product)
      continue
    }
    for (const name of names) {
      const path = join(place, name)
      const version = name.slice(0, -ENDING.length)
      if (!name.endsWith(ENDING) || !NAME.test(version)) {
        leftOut.push(join(product, name))
        continue
      }
      const found = await stat(path).catch(() => undefined) // gone since it was listed
      if (!found?.isFile()) continue
      const stamp = [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(':')
      files.push({ product, version, path, stamp, at: found.mtime })
    }
  }
  return { files, leftOut }
}

async function visibleEntries(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
}

/** Copies of detector files by the digest of their bytes: what is served stays as it was checked, whatever becomes of the file. */
export class ModelCopies {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async add(path: string): Promise<ModelFile> {
    return this.keep(await readFile(path))
  }

  async keep(bytes: Uint8Array): Promise<ModelFile> {
    const digest = createHash('sha256').update(bytes).digest('hex')
    const copy = await this.find(digest)
    if (copy?.bytes === bytes.length) return copy
    const target = join(this.#folder, digest + ENDING)
    await mkdir(this.#folder, { recursive: true })
    await writeAtomically(target, bytes)
    return { path: target, digest, bytes: bytes.length }
  }

  /** The copy with these bytes, if there is one. */
  async find(digest: string): Promise<ModelFile | undefined> {
    const path = join(this.#folder, digest + ENDING)
    const found = await stat(path).catch(() => undefined)
    return found && { path, digest, bytes: found.size }
  }

  /** Removes copies that no file has any more. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#folder).catch(() => [])
    const isUsed = (name: string): boolean => digests.has(name.slice(0, -ENDING.length))
    await Promise.all(names.filter((name) => !isUsed(name)).map((name) => rm(join(this.#folder, name))))
  }
}
