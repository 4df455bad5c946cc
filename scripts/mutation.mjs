/**
 * Mutation tests: small errors are put into the sources one by one, and each should make a test fail.
 *
 *   npm run mutation -- PACKAGE [FILES]         a package, or files of it relative to its src, as `ranking/*.ts`
 *   npm run mutation -- --changed [BASE]        lines that differ from BASE (default: origin/main), in at most two minutes
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

/**
 * What is mutated, and the tests that judge it. Each mutant costs a run of all tests that reach it, so whole trainings judge only what nothing
 * smaller does, and real weights judge nothing here.
 */
const TARGETS = {
  model: [
    { folder: 'training/losses', tests: ['golden-losses', 'training/losses'] },
    { folder: 'training/heads', tests: ['golden-losses', 'golden-training', 'training/losses'] },
    { folder: 'training/optimizers', tests: ['golden-optimizers'] },
    { folder: 'training', tests: ['golden-training', 'training/*'] },
  ],
  adapters: [
    { folder: 'thresholds', tests: ['thresholds', 'refusals', 'suspects'] },
    { folder: '', tests: ['*'] },
  ],
  metrics: [
    { folder: 'ranking', tests: ['golden', 'auroc', 'ranking*', 'refusals'] },
    { folder: '', tests: ['!(size)'] }, // mutated sources are larger
  ],
}
const LONGEST_CHANGED = 115 // seconds

const [first, ...rest] = process.argv.slice(2)
if (first === '--changed') await changed(rest[0] ?? 'origin/main')
else if (first && existsSync(join(root, 'packages', first, 'src'))) await mutate(first, rest)
else {
  console.error('usage: npm run mutation -- PACKAGE [FILES] or npm run mutation -- --changed [BASE]')
  process.exitCode = 64
}

/** Mutates files of a package, those that the same tests judge together. */
async function mutate(name, files, seconds) {
  const groups = TARGETS[name] ?? [{ folder: '', tests: ['*'] }]
  const of = (file) => groups.findIndex(({ folder }) => folder === '' || file.startsWith(`${folder}/`))
  const chosen = files.length > 0 ? files : [...new Set(sourcesOf(name))]
  const wanted = groups.map((group, index) => ({ ...group, files: chosen.filter((file) => of(file) === index) }))
  const busy = wanted.filter((group) => group.files.length > 0)
  for (const group of busy) await run(name, group, seconds === undefined ? undefined : seconds / busy.length)
}

function sourcesOf(name) {
  return readdirSync(join(root, 'packages', name, 'src'), { recursive: true }).filter((file) => file.endsWith('.ts'))
}

async function run(name, { files, tests }, seconds) {
  const env = {
    ...process.env,
    TAB_MUTATION_TESTS: JSON.stringify(tests.map((test) => `<rootDir>/packages/${name}/test/${test}.test.ts`)),
  }
  const binary = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const patterns = files.map((file) => `packages/${name}/src/${file}`)
  const args = [
    binary,
    'run',
    '--mutate',
    patterns.join(','),
    '--concurrency',
    process.env.TAB_MUTATION_CONCURRENCY ?? '2',
  ]
  const stryker = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' })
  let isLate = false
  const stop = () => {
    isLate = true
    stryker.kill('SIGINT')
  }
  const late = seconds === undefined ? undefined : setTimeout(stop, seconds * 1000)
  const status = await new Promise((done) => stryker.on('close', done))
  clearTimeout(late)
  if (isLate)
    console.log(
      `${name}: out of time after ${Math.round(seconds)} s; mutants that are not listed were killed or not tried`,
    )
  else if (status !== 0) process.exitCode = 1
}

/** Lines that a change touches, a package after the other. */
async function changed(base) {
  const diff = execFileSync(
    'git',
    ['diff', '--unified=0', '--no-color', '--diff-filter=d', base, '--', ':(glob)packages/*/src/**'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const ranges = {}
  let file
  for (const line of diff.split('\n')) {
    const path = /^\+\+\+ b\/packages\/([^/]+)\/src\/(.*\.ts)$/.exec(line)
    if (line.startsWith('+++ ')) file = path
    const hunk = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line)
    if (!hunk || !file || !(file[1] in TARGETS)) continue
    const [start, count] = [Number(hunk[1]), Number(hunk[2] ?? 1)]
    if (count > 0) (ranges[file[1]] ??= []).push(`${file[2]}:${start}-${start + count - 1}`)
  }
  const packages = Object.entries(ranges)
  if (packages.length === 0) console.log(`no mutated package differs from ${base}`)
  for (const [name, files] of packages) await mutate(name, files, LONGEST_CHANGED / packages.length)
}
