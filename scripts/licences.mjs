// `node scripts/licences.mjs`: the licences of all that a user's install of the published packages brings along, checked against what is allowed, and the
// install scripts of these dependencies, which must be known. With --list, every dependency and its licence.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './workspace.mjs'

const ALLOWED = [
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  '0BSD',
  'BlueOak-1.0.0',
  'CC0-1.0',
]

/** The binaries of sharp hold libvips, a shared library under the LGPL that users can replace. */
const isLibvips = (name, licence) => name.startsWith('@img/sharp-') && licence.includes('LGPL-3.0-or-later')

/** Dependencies that run something when they are installed, and what; each works where install scripts are off. */
const SCRIPTS = {
  'onnxruntime-node': 'downloads CUDA libraries on Linux x64, which TAB does not use: ONNXRUNTIME_NODE_INSTALL=skip',
  'core-js': 'prints a message; of TensorFlow.js',
}

/** Dependencies of the published packages with theirs, and the optional peers that are developed against. */
function dependencies() {
  const args = ['licenses', 'list', '--prod', '--json', '--filter', './packages/*']
  const pnpm = join(root, 'node_modules/.bin/pnpm')
  const listed = Object.values(JSON.parse(execFileSync(pnpm, args, { cwd: root, encoding: 'utf8' }))).flat()
  const folders = new Set(listed.flatMap(({ paths }) => paths))
  for (const { folder, manifest } of packages()) {
    for (const name of Object.keys(manifest.peerDependencies ?? {})) {
      const path = join(folder, 'node_modules', name)
      if (existsSync(path)) folders.add(realpathSync(path))
    }
  }
  return [...folders].map((folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
}

/** Whether an SPDX expression leaves a choice that is allowed. */
function isAllowed(expression) {
  const inner = expression.replace(/^\((.*)\)$/, '$1')
  if (inner.includes(' OR ')) return inner.split(' OR ').some(isAllowed)
  return inner.split(' AND ').every((licence) => ALLOWED.includes(licence.replace(/[()]/g, '').trim()))
}

const faults = []
const byLicence = new Map()
const found = dependencies().sort((left, right) => (left.name < right.name ? -1 : 1))
for (const { name, version, license = 'none', scripts = {}, private: isOurs } of found) {
  if (isOurs || name.startsWith('@tab/')) continue
  const licence = typeof license === 'string' ? license : license.type
  byLicence.set(licence, [...(byLicence.get(licence) ?? []), `${name} ${version}`])
  if (!isAllowed(licence) && !isLibvips(name, licence)) {
    faults.push(`${name} ${version} is licensed ${licence}, which is not among ${ALLOWED.join(', ')}`)
  }
  const runs = ['preinstall', 'install', 'postinstall'].filter((step) => scripts[step])
  if (runs.length > 0 && !SCRIPTS[name]) faults.push(`${name} ${version} has an install script: ${scripts[runs[0]]}`)
  if (runs.length > 0) console.log(`install script of ${name}: ${SCRIPTS[name] ?? 'unknown'}`)
}
for (const [licence, names] of [...byLicence].sort()) {
  console.log(`${licence}: ${process.argv.includes('--list') ? names.join(', ') : names.length}`)
}
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
