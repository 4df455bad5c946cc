// Writes publishConfig.exports of every package from its exports; with --check only says where they differ.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, publishedExports } from './workspace.mjs'

const check = process.argv.includes('--check')
let stale = 0
for (const { folder, manifest } of packages()) {
  if (!manifest.exports) continue
  const wanted = publishedExports(manifest.exports)
  if (JSON.stringify(manifest.publishConfig?.exports) === JSON.stringify(wanted)) continue
  stale++
  if (check) {
    console.error(`${manifest.name}: publishConfig.exports differs from exports; run node scripts/sync-manifests.mjs`)
  } else {
    manifest.publishConfig = { access: 'public', ...manifest.publishConfig, exports: wanted }
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  }
}
if (check && stale > 0) process.exit(1)
