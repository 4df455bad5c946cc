import { setTimeout } from 'node:timers/promises'

/** A thing to measure and its name in the table. */
export interface Contender {
  readonly name: string
  run(): Promise<unknown>
}

/** Milliseconds between two runs: thread pools (libgomp's, ONNX Runtime's) spin for a while after their work, on the cores of the other. */
const PAUSE = 100

/**
 * Runs two contenders in turns, A B A B ..., so that both meet the same machine, and prints medians and their ratio.
 * @param rounds counted runs of each, behind one that is not
 * @returns the medians in milliseconds, ours first
 */
export async function compare(title: string, ours: Contender, peer: Contender, rounds = 5): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++) {
    for (const [side, { run }] of [ours, peer].entries()) {
      await setTimeout(PAUSE)
      const start = performance.now()
      await run()
      if (round > 0) times[side as 0 | 1].push(performance.now() - start)
    }
  }
  const [a, b] = times.map(median) as [number, number]
  const row = `${title}: ${ours.name} ${a.toFixed(1)} ms, ${peer.name} ${b.toFixed(1)} ms`
  console.log(`${row}, ${(b / a).toFixed(1)} times as fast`)
  return [a, b]
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right)
  return sorted[Math.floor(sorted.length / 2)] as number
}
