import { stat } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { TabError } from '@tab/core'
import type { Sample } from '@tab/data'
import { glob, isDynamicPattern } from 'tinyglobby'

const IMAGES = '**/*.{png,jpg,jpeg,bmp,tif,tiff,webp}'

/** Whether a file name is that of an image. */
export function isImageName(name: string): boolean {
  return /\.(png|jpe?g|bmp|tiff?|webp)$/i.test(name)
}

/** What a list of inputs comes to. */
export interface FoundImages {
  readonly files: readonly string[]
  /** The inputs that are folders. */
  readonly folders: readonly string[]
  /** Pictures met in folders that cannot be read, such as those of formats that are unknown here. */
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[]
}

/**
 * Files of inputs that are files, folders (all images below, none of hidden folders) or glob patterns, each file once, in the order
 * of the inputs and by path within one.
 * @throws NOT_FOUND for an input that does not exist, a pattern that matches nothing, a folder without images unless `emptyFolders`
 */
export async function findImages(inputs: readonly string[], emptyFolders = false): Promise<FoundImages> {
  const files = new Set<string>()
  const folders: string[] = []
  for (const input of inputs) {
    const found = await stat(input).catch(() => undefined)
    if (found?.isDirectory()) folders.push(input)
    const matches = found?.isFile() ? [input] : await expand(input, found !== undefined)
    if (matches.length === 0 && !(emptyFolders && found)) {
      throw new TabError('NOT_FOUND', {
        where: 'tab predict',
        expected: found ? `images in ${input}` : `a file, a folder or a pattern that matches: ${input}`,
        actual: 'none',
      })
    }
    for (const match of matches) files.add(match)
  }
  return { files: [...files], folders, leftOut: [] }
}

async function expand(input: string, isFolder: boolean): Promise<string[]> {
  const insensitive = { caseSensitiveMatch: false }
  if (isFolder) return (await glob(IMAGES, { cwd: input, ...insensitive })).map((name) => join(input, name)).sort()
  if (!isDynamicPattern(input)) return []
  const pattern = sep === '/' ? input : input.replaceAll(sep, '/')
  return (await glob(pattern, { absolute: isAbsolute(input) })).filter(isImageName).sort()
}

/** Files as samples of which nothing is known. */
export function samplesOf(files: readonly string[]): Sample[] {
  return files.map((path) => ({ id: path, path, split: 'test', label: 0, defect: 'unknown' }))
}
