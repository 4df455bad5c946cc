import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './workspace.mjs'

/**
 * Packs every built package into a folder, as it would be published.
 * @returns {{ folder: string, manifest: object, tarball: string }[]} with the path of each tarball
 */
export function packAll(destination) {
  mkdirSync(destination, { recursive: true })
  return packages().map(({ folder, manifest }) => {
    const name = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    execFileSync(join(root, 'node_modules/.bin/pnpm'), ['pack', '--pack-destination', destination], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (!readdirSync(destination).includes(name)) throw new Error(`pnpm pack made no ${name}`)
    return { folder, manifest, tarball: join(destination, name) }
  })
}
