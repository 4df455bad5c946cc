import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inPairs, packages, root } from './workspace.mjs'

/**
 * Packs every built package into a folder, as it would be published.
 * @returns {Promise<{ folder: string, manifest: object, tarball: string }[]>} with the path of each tarball
 */
export async function packAll(destination) {
  mkdirSync(destination, { recursive: true })
  return inPairs(packages(), async ({ folder, manifest }) => {
    const name = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    await promisify(execFile)(join(root, 'node_modules/.bin/pnpm'), ['pack', '--pack-destination', destination], {
      cwd: folder,
    })
    if (!readdirSync(destination).includes(name)) throw new Error(`pnpm pack made no ${name}`)
    return { folder, manifest, tarball: join(destination, name) }
  })
}
