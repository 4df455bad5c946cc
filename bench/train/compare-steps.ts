import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

interface Step {
  readonly step: number
  readonly loss: number
  /** Seconds of a clock, and of the processor. */
  readonly wall: number
  readonly user: number
}

const here = fileURLToPath(new URL('.', import.meta.url))
const ROUNDS = 3

/**
 * Prints time and loss of steps of preset `tab` at 128 px, 12 pairs, on wasm with two threads.
 * @param other folder of another checkout with its packages installed; both take turns, and its times and losses are printed as well
 */
export function compareSteps(other: string | undefined): void {
  const folder = other && join(other, 'bench/train-of-another-checkout')
  if (folder) cpSync(here, folder, { recursive: true })
  try {
    const rounds = Array.from({ length: folder ? ROUNDS : 1 }, () => ({
      theirs: folder && run(folder),
      ours: run(here),
    }))
    const first = rounds[0] as (typeof rounds)[number]
    for (const [index, { step, loss }] of first.ours.entries()) {
      const before = first.theirs ? first.theirs[index] : undefined
      const difference =
        before && `, ${before.loss.toFixed(6)} there: ${(Math.abs(loss - before.loss) / before.loss).toExponential(1)}`
      console.log(`loss of step ${step}: ${loss.toFixed(6)}${difference ?? ''}`)
    }
    for (const clock of ['wall', 'user'] as const) {
      const ours = rounds.map((round) => median(round.ours, clock))
      const name = clock === 'wall' ? 'a step' : 'of processors'
      if (!folder) console.log(`${name}: ${ours.map((seconds) => seconds.toFixed(2)).join(', ')} s`)
      else {
        const theirs = rounds.map((round) => median(round.theirs as Step[], clock))
        const ratios = theirs.map((seconds, round) => seconds / (ours[round] as number)).sort((a, b) => a - b)
        const list = (values: readonly number[]) => values.map((seconds) => seconds.toFixed(2)).join(', ')
        console.log(`${name}: ${list(ours)} s, there ${list(theirs)} s; times as fast: ${list(ratios)}`)
      }
    }
  } finally {
    if (folder) rmSync(folder, { recursive: true })
  }
}

function run(folder: string): Step[] {
  const flags = ['--conditions=@tab/source', '--import=tsx', join(folder, 'step.ts')]
  const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8', cwd: folder })
  if (status !== 0) throw new Error(stderr)
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step)
}

/** Over the steps but the first, which also prepares filters and starts threads. */
function median(steps: readonly Step[], clock: 'wall' | 'user'): number {
  const sorted = steps
    .slice(1)
    .map((step) => step[clock])
    .sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] as number
}
