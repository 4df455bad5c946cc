// Hooks of Node's loader: a source that is an entry of the bundle is what the bundle exports.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = process.env.TAB_SOURCES
const bundles = JSON.parse(readFileSync(join(folder, 'entries.json'), 'utf8'))

export function load(url, context, next) {
  const bundle = bundles[url]
  if (bundle === undefined) return next(url, context)
  const from = JSON.stringify(pathToFileURL(join(folder, bundle)).href)
  return { format: 'module', source: `export * from ${from}`, shortCircuit: true }
}
