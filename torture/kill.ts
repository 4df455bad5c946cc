// Each long command, SIGKILLed at --moments random moments (default 10), and stopped by files that cannot grow beyond --limits random sizes (default
// 5): what stands under its own name afterwards must be whole, and the next run must give the result of a run that nobody disturbed, to the byte where
// two such runs agree, and leave no temporary file. `--seed S` (default 1), `--only NAME,NAME`. Builds of the packages are used where there are any.
import { rm } from 'node:fs/promises'
import { statSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { deriveRng, type Rng } from '@tab/core'
import { argsOf, COMMANDS, type Workplace } from '../packages/cli/test/table/commands.ts'
import { emptyFolder, snapshot, trainAgain, workplace } from '../packages/cli/test/table/workplace.ts'
import { digestsOf, fault, isUnfinished } from './kill/files.ts'
import { runProcess, type Fate } from './kill/process.ts'

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '10' },
    limits: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
})
const [moments, limits, seed] = [values.moments, values.limits, values.seed].map(Number) as [number, number, number]
const names = Object.keys(COMMANDS).filter((name) => COMMANDS[name]?.output && name !== 'demo')
const chosen = names.filter((name) => !values.only || values.only.split(',').includes(name))
const WATCHED = 14 // images that the watch finds

const place = await workplace()
const inputs = async (): Promise<string> =>
  (await snapshot(place.root)).filter((line) => !line.startsWith('out')).join('\n')
const untouched = await inputs()
const failures: string[] = []

/** The words of a command; a training takes some steps, so that there is something to resume. */
function argsFor({ ...at }: Workplace, name: string): string[] {
  const args = argsOf(at, name)
  if (name === 'pretrain') args[args.indexOf('--steps') + 1] = '6'
  if (name === 'predict --watch') args.splice(1, 0, '--json')
  return args
}

/** A run that nobody disturbs; a watch is stopped when it has drawn all it can. */
async function wholeRun(name: string, more: readonly string[] = []): Promise<number> {
  const { status, stderr, seconds } = await runProcess(
    [...argsFor(place, name), ...more],
    name === 'predict --watch' ? { stopAfterLines: WATCHED } : {},
  )
  if (status !== 0) failures.push(`${name}: a run after it ended with ${status}: ${stderr.trim().split('\n').at(-1)}`)
  return seconds
}

/** What a command must be told to run again on what a killed run left. */
async function again(name: string): Promise<readonly string[]> {
  if (name === 'pretrain') return trainAgain(argsFor(place, name))
  if (name === 'benchmark') return []
  return ['--overwrite']
}

/** Disturbs a run, looks at what it left, and lets another one finish. */
async function disturbed(name: string, fate: Fate, what: string, whole: Whole): Promise<void> {
  await emptyFolder(place.out)
  const before = failures.length
  const { status, stderr } = await runProcess(argsFor(place, name), fate)
  const isEnded = status === null || status === 0 || (fate.fileLimit !== undefined && status === 1)
  if (!isEnded) failures.push(`${name}, ${what}: ended with ${status}: ${stderr.trim().split('\n').at(-1)}`)
  for (const [file, digest] of digestsOf(place.out)) {
    if (isUnfinished(file)) {
      if (status !== null) failures.push(`${name}, ${what}: left ${file}`)
      continue
    }
    const wrong = await fault(join(place.out, file))
    if (wrong !== undefined) failures.push(`${name}, ${what}: ${file} is damaged: ${wrong}`)
    const isFinal = whole.same.has(file) && !/^(checkpoint|history)/.test(file)
    if (isFinal && whole.same.get(file) !== digest) failures.push(`${name}, ${what}: ${file} is not as it should be`)
  }
  await wholeRun(name, await again(name))
  const found = digestsOf(place.out)
  const list = (files: ReadonlyMap<string, string>): string => [...files.keys()].join(' ')
  if (list(found) !== list(whole.all)) failures.push(`${name}, ${what}: then ${list(found)}, not ${list(whole.all)}`)
  for (const [file, digest] of whole.same) {
    if (found.has(file) && found.get(file) !== digest) failures.push(`${name}, ${what}: then another ${file}`)
  }
  if ((await inputs()) !== untouched) failures.push(`${name}, ${what}: what it reads has changed`)
  for (const failure of failures.slice(before)) console.log(failure)
}

interface Whole {
  readonly all: ReadonlyMap<string, string>
  /** What two runs agree in. */
  readonly same: ReadonlyMap<string, string>
  readonly seconds: number
  readonly largest: number
}

async function undisturbed(name: string): Promise<Whole> {
  await emptyFolder(place.out)
  await wholeRun(name)
  const all = digestsOf(place.out)
  const largest = Math.max(...[...all.keys()].map((file) => statSync(join(place.out, file)).size))
  await emptyFolder(place.out)
  const seconds = await wholeRun(name)
  const second = digestsOf(place.out)
  return { all, same: new Map([...all].filter(([file, digest]) => second.get(file) === digest)), seconds, largest }
}

/** Kills mostly fall where a run works, not where it loads its modules. */
const momentOf = (rng: Rng, seconds: number): number => seconds * (0.2 + 0.85 * rng())

const begun = performance.now()
console.log('| command | kills | limits of size | files, of them the same in each run | seconds of a run | failures |')
console.log('| :-- | --: | --: | --: | --: | --: |')
for (const name of chosen) {
  const earlier = failures.length
  const whole = await undisturbed(name)
  for (let moment = 0; moment < moments; moment++) {
    const killAfter = momentOf(deriveRng(seed, name, 'kill', moment), whole.seconds)
    await disturbed(name, { killAfter }, `killed after ${killAfter.toFixed(2)} s`, whole)
  }
  for (let size = 0; size < (name === 'predict --watch' ? 0 : limits); size++) {
    const fileLimit = Math.floor(deriveRng(seed, name, 'limit', size)() * whole.largest)
    await disturbed(name, { fileLimit }, `no file above ${fileLimit} bytes`, whole)
  }
  const figures = [moments, name === 'predict --watch' ? 0 : limits, `${whole.all.size}, ${whole.same.size}`]
  console.log(`| ${name} | ${figures.join(' | ')} | ${whole.seconds.toFixed(1)} | ${failures.length - earlier} |`)
}
await rm(place.root, { recursive: true })
const minutes = (performance.now() - begun) / 60_000
console.log(`seed ${seed}, ${minutes.toFixed(1)} minutes, load ${loadavg().map((load) => load.toFixed(1)).join(' ')}`) // prettier-ignore
console.log(failures.length === 0 ? 'no failures' : `${failures.length} failures`)
process.exitCode = failures.length === 0 ? 0 : 1
