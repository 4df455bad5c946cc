import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Folder and manifest of every publishable package, in the order of their names. */
export function packages() {
  return readdirSync(join(root, 'packages'))
    .map((name) => join(root, 'packages', name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
}

/** Every path that can be imported, such as `@tab/core/testing`, with the source file behind it. */
export function entryPoints() {
  return packages().flatMap(({ folder, manifest }) =>
    Object.entries(manifest.exports ?? {})
      .filter(([, target]) => target['@tab/source'])
      .map(([subpath, target]) => ({
        name: `${manifest.name}${subpath.slice(1)}`,
        package: manifest.name,
        folder,
        source: join(folder, target['@tab/source']),
      })),
  )
}

/** The `exports` a user gets: those of the manifest without the condition that leads to our sources. */
export function publishedExports(exports) {
  const published = (target) =>
    typeof target === 'string'
      ? target
      : Object.fromEntries(Object.entries(target).filter(([condition]) => condition !== '@tab/source'))
  return Object.fromEntries(Object.entries(exports).map(([path, target]) => [path, published(target)]))
}

/**
 * Does a task for each item, two at a time: most programs wait for one thread.
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} task
 * @returns {Promise<R[]>} in the order of the items
 */
export async function inPairs(items, task) {
  const results = []
  const queue = [...items.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await task(next[1])
  }
  await Promise.all([work(), work()])
  return results
}
