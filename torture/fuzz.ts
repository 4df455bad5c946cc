// Every parser on inputs with random changes: each must give a TabError or a right result, within 5 s and 1 GB. `--minutes N` or `--inputs N`, with
// `--seed S` (default 1), `--from I` and `--only NAME,NAME`. Inputs that fail are saved under --output (default tab-output/fuzz); exit status 1 then.
import { fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { allTargets, inputOf } from './fuzz/targets.ts'
import type { Message } from './fuzz/worker.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    inputs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    only: { type: 'string' },
    output: { type: 'string', default: 'tab-output/fuzz' },
  },
})
const seed = Number(values.seed)
const from = Number(values.from)
const end = from + Number(values.inputs ?? (values.minutes ? 2 ** 40 : 10_000))
const deadline = values.minutes ? Date.now() + Number(values.minutes) * 60_000 : Infinity
const HANG = 5000
const PEAK = 1024

interface Crash {
  readonly index: number
  readonly target: string
  readonly error: string
}
interface Count {
  right: number
  refused: number
  crash: number
}
const counts = new Map<string, Count>()
const crashes: Crash[] = []
let done = 0
let highest = 0

/** Runs inputs from one on in a child, until it ends or must be ended. @returns the next input */
async function runFrom(first: number): Promise<number> {
  const worker = join(import.meta.dirname, 'fuzz/worker.ts')
  const args = [seed, first, end, ...(values.only?.split(',') ?? [])].map(String)
  const child = fork(worker, args, { execArgv: process.execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr?.on('data', (chunk) => (said = `${said}${String(chunk)}`.slice(-2000)))
  let [next, target, begun] = [first, 'start', Infinity]
  const crash = (error: string): void => {
    crashes.push({ index: next, target, error })
    console.log(`input ${next} of ${target}: ${error.slice(-600)}`)
    count(target).crash++
    next++
  }
  const stop = (): void => void child.kill('SIGKILL')
  let isOver = false
  const watch = setInterval(() => {
    if (isOver) return
    if (Date.now() > deadline) [isOver] = [true, stop()]
    else if (performance.now() - begun > HANG) {
      isOver = true
      crash(`no answer after ${HANG / 1000} s`)
      stop()
    }
  }, 200)
  child.on('message', (message: Message) => {
    if (isOver) return
    if ('begin' in message) [next, target, begun] = [message.begin, message.target, performance.now()]
    else if ('end' in message) {
      begun = Infinity
      done++
      highest = Math.max(highest, message.peak)
      if (message.outcome === 'crash') crash(message.error ?? 'unknown')
      else if (message.peak > PEAK) {
        isOver = true
        crash(`memory of ${message.peak.toFixed(0)} MB`)
        stop()
      } else {
        count(target)[message.outcome]++
        next = message.end + 1
      }
    }
  })
  const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  )
  clearInterval(watch)
  if (isOver) return Date.now() > deadline ? end : next
  if (status === 0) return end
  if (target === 'start') throw new Error(`the worker did not start: ${said}`)
  crash(`the process ended by ${signal ?? `status ${status}`}: ${said}`)
  return next
}

function count(target: string): Count {
  const found = counts.get(target) ?? { right: 0, refused: 0, crash: 0 }
  counts.set(target, found)
  return found
}

const begun = performance.now()
for (let next = from; next < end && Date.now() < deadline;) next = await runFrom(next)
const seconds = (performance.now() - begun) / 1000
console.log(`seed ${seed}, ${done} inputs in ${seconds.toFixed(0)} s, peak ${highest.toFixed(0)} MB, load ${loadavg().map((load) => load.toFixed(1)).join(' ')}`) // prettier-ignore
console.log('| parser | inputs | right | refused | failures |\n| :-- | --: | --: | --: | --: |')
for (const [name, { right, refused, crash }] of [...counts].sort()) {
  console.log(`| ${name} | ${right + refused + crash} | ${right} | ${refused} | ${crash} |`)
}
if (crashes.length > 0) {
  mkdirSync(values.output, { recursive: true })
  const folder = mkdtempSync(join(tmpdir(), 'tab-fuzz-'))
  const targets = await allTargets(folder)
  for (const { index } of crashes) {
    writeFileSync(join(values.output, `seed-${seed}-input-${index}`), inputOf(targets, seed, index).bytes)
  }
  rmSync(folder, { recursive: true })
  writeFileSync(join(values.output, 'failures.json'), JSON.stringify(crashes, null, 2))
  console.log(`${crashes.length} failures, saved in ${values.output}`)
}
process.exit(crashes.length > 0 ? 1 : 0)
