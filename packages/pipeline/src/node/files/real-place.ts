import { realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, isAbsolute, resolve, sep } from 'node:path'

/**
 * Where a path leads, links followed, as far as it exists; the rest as it stands. Compare such paths with {@link isWithin}.
 * @example
 * ```ts
 * import { mkdir, symlink } from 'node:fs/promises'
 * import { isWithin, realPlace } from '@tab/pipeline/node'
 *
 * await mkdir('line')
 * await symlink('line', 'shortcut')
 * console.log(isWithin(await realPlace('shortcut/out/1.png'), await realPlace('line'))) // true
 * ```
 */
export async function realPlace(path: string): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch {
    const parent = dirname(absolute)
    return parent === absolute ? absolute : join(await realPlace(parent), basename(absolute))
  }
}

/** Where an entry of a folder lies: links of the folder are followed, the entry itself, which may be a link, is not. */
export async function realEntry(folder: string, name: string): Promise<string> {
  const path = resolve(folder, name)
  return join(await realPlace(dirname(path)), basename(path))
}

/**
 * Whether a real path is a folder or lies anywhere below it: whether an output of yours would be read as input.
 * @example
 * ```ts
 * import { isWithin } from '@tab/pipeline/node'
 *
 * console.log(isWithin('/line/today/heatmaps', '/line/today'), isWithin('/line/today-2', '/line/today')) // true false
 * ```
 */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}
