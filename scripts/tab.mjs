#!/usr/bin/env node
// `npm run demo` and `npm test`: install with the pinned pnpm, then run, so that a fresh clone needs only Node and npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [, version] = packageManager.split('@')

function run(command, args) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** The copy of pnpm in node_modules if it is the pinned one, else the pinned one through npx. */
function pnpm(...args) {
  const manifest = join(root, 'node_modules/pnpm/package.json')
  const isPinned = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
  if (isPinned) run(join(root, 'node_modules/.bin/pnpm'), args)
  else run('npx', ['-y', `pnpm@${version}`, ...args])
}

const [task, ...rest] = process.argv.slice(2)
const tasks = {
  demo() {
    pnpm('exec', 'turbo', 'run', 'build', '--output-logs=errors-only')
    run(process.execPath, [join(root, 'packages/cli/dist/bin.js'), 'demo', '--overwrite', ...rest])
  },
  test() {
    pnpm('run', 'jest', ...rest)
  },
}

if (!Object.hasOwn(tasks, task)) {
  console.error(`usage: node scripts/tab.mjs ${Object.keys(tasks).join('|')}`)
  process.exit(2)
}
pnpm('install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn')
tasks[task]()
