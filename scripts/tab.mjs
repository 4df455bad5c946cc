#!/usr/bin/env node
// `npm run demo`, `npm test`, `npm run tab` and `npm run pack`: install with the pinned pnpm, then run, so that a fresh clone needs only
// Node and npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

process.env.TURBO_TELEMETRY_DISABLED ??= '1'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const [, version] = packageManager.split('@')

/** Runs a command to its end; when it fails, this process ends with its status. */
function run(command, args, { cwd = root, stdout = 'inherit' } = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['inherit', stdout, 'inherit'],
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** The copy of pnpm in node_modules if it is the pinned one, else the pinned one through npx. */
function pnpm(args, options) {
  const manifest = join(root, 'node_modules/pnpm/package.json')
  const isPinned = existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version
  if (isPinned) run(join(root, 'node_modules/.bin/pnpm'), args, options)
  else run('npx', ['-y', `pnpm@${version}`, ...args], options)
}

/** The output of the build goes to standard error, as that of commands goes to standard output. */
function build() {
  pnpm(['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'], { stdout: 2 })
}

/** Runs the command line of the clone. */
function tab(args, cwd) {
  build()
  run(process.execPath, [join(root, 'packages/cli/bin/tab.mjs'), ...args], { cwd })
}

/** Packs every package into a folder, for `npm install FOLDER/*.tgz` in another project. */
async function pack(folder) {
  build()
  const { packAll } = await import('./packing.mjs')
  const packed = await packAll(folder)
  console.log(`${packed.length} packages packed; install them with: npm install ${join(folder, '*.tgz')}`)
}

const [task, ...rest] = process.argv.slice(2)
const tasks = {
  /** What every task does first. */
  install() {},
  demo: () => tab(['demo', '--overwrite', ...rest], root),
  /** Paths are relative to the folder in which npm was called. */
  tab: () => tab(rest, process.env.INIT_CWD ?? process.cwd()),
  pack: () => pack(rest[0] === undefined ? join(root, 'tarballs') : resolve(process.env.INIT_CWD ?? '.', rest[0])),
  test: () => pnpm(['run', 'jest', ...rest]),
}

if (!Object.hasOwn(tasks, task)) {
  console.error(`usage: node scripts/tab.mjs ${Object.keys(tasks).join('|')}`)
  process.exit(2)
}
pnpm(['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'], { stdout: 2 })
await tasks[task]()
