import { createRng } from '@tab/core'
import type { QueueCosts } from './measure-queue.ts'

export interface SimulationPlan extends QueueCosts {
  readonly workers: number
  readonly cells: number
  /** Mean; each takes between half and one and a half of it. */
  readonly cellSeconds: number
}

const RENEWED = 2.5 // seconds between two renewals of a lease

/**
 * Workers with one database that serves one statement at a time, by events: a worker waits for its turn, then for its statement, then computes. Renewals
 * take their share of the database.
 * @returns hours until all is done, and the share of that in which workers compute
 */
export function simulate(plan: SimulationPlan): { readonly hours: number; readonly busy: number } {
  const { workers, cells, cellSeconds, served, take, complete, renew } = plan
  const rng = createRng(1)
  const alone = (take + complete) / 1000 // seconds a worker waits for an idle database
  const renewing = Math.min(0.99, ((workers / RENEWED) * renew * (served / (take + complete))) / 1000)
  const turn = served / 1000 / (1 - renewing)
  const freeAt = new Float64Array(workers)
  let databaseAt = 0
  let computing = 0
  for (let cell = 0; cell < cells; cell++) {
    let next = 0
    for (let worker = 1; worker < workers; worker++) {
      if ((freeAt[worker] as number) < (freeAt[next] as number)) next = worker
    }
    const asked = freeAt[next] as number
    databaseAt = Math.max(databaseAt, asked) + turn
    const seconds = cellSeconds * (0.5 + rng())
    computing += seconds
    freeAt[next] = Math.max(databaseAt, asked + alone) + seconds
  }
  const end = freeAt.reduce((latest, at) => Math.max(latest, at), 0)
  return { hours: end / 3600, busy: computing / (end * workers) }
}
