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

/** Prints time and loss of such steps on wasm, and with the backbone by ONNX Runtime; both take turns. */
export function compareRuntimes(): void {
  const rounds = Array.from({ length: ROUNDS }, () => ({ wasm: run(here), onnx: run(here, 'onnx') }))
  const { wasm, onnx } = rounds[0] as (typeof rounds)[number]
  wasm.forEach(({ step, loss }, index) => {
    const other = (onnx[index] as Step).loss
    const difference = (Math.abs(loss - other) / loss).toExponential(1)
    console.log(
      `loss of step ${step}: ${loss.toFixed(6)} on wasm, ${other.toFixed(6)} with ONNX Runtime: ${difference}`,
    )
  })
  printRatios(
    'wasm',
    rounds.map((round) => ({ ours: round.onnx, theirs: round.wasm })),
  )
}

/** Seconds of a step, and how many times as fast it is as theirs. */
function printRatios(name: string, rounds: readonly { readonly ours: Step[]; readonly theirs: Step[] }[]): void {
  const list = (values: readonly number[]) => values.map((seconds) => seconds.toFixed(2)).join(', ')
  for (const clock of ['wall', 'user'] as const) {
    const ours = rounds.map((round) => median(round.ours, clock))
    const theirs = rounds.map((round) => median(round.theirs, clock))
    const ratios = theirs.map((seconds, round) => seconds / (ours[round] as number)).sort((a, b) => a - b)
    const what = clock === 'wall' ? 'a step' : 'of processors'
    console.log(`${what}: ${list(ours)} s, ${name} ${list(theirs)} s; times as fast: ${list(ratios)}`)
  }
}

/**
 * Prints time and loss of steps of preset `tab` at 128 px, 12 pairs, on wasm with two threads.
 * @param other folder of another checkout with its packages installed; both take turns, and its times and losses are printed as well
 */
export function compareSteps(other: string | undefined): void {
  const folder = other && join(other, 'bench/train-of-another-checkout')
  if (folder) cpSync(here, folder, { recursive: true })
  try {
    const rounds = Array.from({ length: folder ? ROUNDS : 1 }, () => ({
      theirs: folder === undefined ? undefined : run(folder),
      ours: run(here),
    }))
    const first = rounds[0] as (typeof rounds)[number]
    for (const [index, { step, loss }] of first.ours.entries()) {
      const before = first.theirs ? first.theirs[index] : undefined
      const difference =
        before && `, ${before.loss.toFixed(6)} there: ${(Math.abs(loss - before.loss) / before.loss).toExponential(1)}`
      console.log(`loss of step ${step}: ${loss.toFixed(6)}${difference ?? ''}`)
    }
    if (folder)
      printRatios(
        'there',
        rounds.map(({ ours, theirs = [] }) => ({ ours, theirs })),
      )
    else console.log(`a step: ${median(first.ours, 'wall').toFixed(2)} s`)
  } finally {
    if (folder) rmSync(folder, { recursive: true })
  }
}

function run(folder: string, engine = 'wasm'): Step[] {
  const flags = ['--conditions=@tab/source', '--import=tsx', join(folder, 'step.ts'), '6', engine]
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
