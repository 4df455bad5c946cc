// Runs inputs one by one and tells its parent what becomes of each: in a process of its own, which can be killed when one of them hangs.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isTabError } from '@tab/core'
import { allTargets, inputOf } from './targets.ts'

/** What the parent is told: which input begins, and what came of it. */
export type Message =
  | { readonly ready: true }
  | { readonly begin: number; readonly target: string }
  | {
      readonly end: number
      readonly outcome: 'right' | 'refused' | 'crash'
      readonly error?: string
      readonly peak: number
    }

const [seed = 0, from = 0, to = 0, ...only] = process.argv.slice(2).map((word, i) => (i < 3 ? Number(word) : word)) as [
  number,
  number,
  number,
  ...string[],
]
const tell = (message: Message): void => void process.send?.(message)
process.on('warning', () => undefined)
process.on('unhandledRejection', (error) => tell({ end: current, outcome: 'crash', error: `unhandled: ${described(error)}`, peak: 0 })) // prettier-ignore

process.on('uncaughtException', (error) => {
  tell({ end: current + 1, outcome: 'crash', error: `uncaught: ${described(error)}`, peak: 0 })
  process.exit(70)
})

let current = -1
const targets = await allTargets(mkdtempSync(join(tmpdir(), 'tab-fuzz-')))
const skipped = (name: string): boolean => only.length > 0 && !only.includes(name)
const invalid: string[] = []
for (const { name, seeds, read } of targets) {
  // A seed that is refused would leave all that comes after the first check untried.
  for (const [at, bytes] of seeds.entries()) {
    if (!skipped(name)) await read(bytes).catch((error) => invalid.push(`seed ${at} of ${name}: ${String(error)}`))
  }
}
if (invalid.length > 0) throw new Error(invalid.join('\n'))
tell({ ready: true })
for (let index = from; index < to; index++) {
  const { target, bytes } = inputOf(targets, seed, index)
  if (skipped(target.name)) continue
  current = index
  tell({ begin: index, target: target.name })
  let outcome: 'right' | 'refused' | 'crash' = 'right'
  let error: string | undefined
  try {
    await target.read(bytes)
  } catch (cause) {
    outcome = isTabError(cause) ? 'refused' : 'crash'
    if (outcome === 'crash') error = described(cause)
    else if ((cause as Error).message.length > 10_000) [outcome, error] = ['crash', `a message of ${(cause as Error).message.length} characters`] // prettier-ignore
  }
  tell({ end: index, outcome, ...(error === undefined ? {} : { error }), peak: process.resourceUsage().maxRSS / 1024 })
  if (index % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
}
process.disconnect()
process.exit(0)

function described(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}`.slice(0, 2000) : String(error)
}
