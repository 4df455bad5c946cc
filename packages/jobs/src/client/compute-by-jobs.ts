import { resolve } from 'node:path'
import { isTabError, TabError, throwIfAborted } from '@tab/core'
import type { CellJob, ComputeCells } from '@tab/pipeline/node'
import { cellText, type CellRow } from '@tab/pipeline/results'
import type { CellTask } from '../job.ts'
import type { JobQueue, SubmitOptions } from '../queue/queue.ts'
import { patience } from '../queue/patience.ts'
import { readRow, resultPath } from '../store/result-store.ts'
import { work, type WorkOptions } from '../worker/work.ts'
import { endedJobs } from './wait-for-jobs.ts'

export interface ComputeByJobsOptions extends SubmitOptions {
  /** Folder of results, which all workers reach by the same path. */
  readonly store: string
  /** How an embedded queue, which no worker can reach, is worked off in this process. */
  readonly here?: Pick<WorkOptions, 'slots' | 'threads' | 'cache'> | undefined
}

/**
 * Lets workers compute the cells of a benchmark. What the store has is taken from there. The jobs stay in the queue when the benchmark is stopped;
 * the next one finds their results.
 * @throws UNSUPPORTED once all have ended, where some failed or were cancelled, with the reason of the first; INVALID_DATA for a result that lacks
 * @example
 * ```ts
 * import { benchmark } from '@tab/pipeline/node'
 * import { computeByJobs, openQueue } from '@tab/jobs'
 *
 * const queue = await openQueue({ jobsUrl: 'jobs', role: 'client' }) // or postgres://..., and `tab worker` on any machine
 * const { total } = await benchmark(
 *   {
 *     datasets: [{ path: 'washers' }],
 *     backbones: [{ name: 'untrained', random: 'resnet18' }],
 *     detectors: [{ method: 'patchcore' }],
 *     imageSize: [64, 64],
 *     output: 'by-jobs',
 *   },
 *   { computeCells: computeByJobs(queue, { store: 'results' }) },
 * )
 * await queue.close()
 * console.log(total) // 1
 * ```
 */
export function computeByJobs(queue: JobQueue, options: ComputeByJobsOptions): ComputeCells {
  const store = resolve(options.store)
  return async function* (cells, { isCached, signal: given, onNote }) {
    const jobs = cells.map((job) => jobOf(job, isCached, store))
    const missing: CellTask[] = []
    for (const job of jobs) {
      throwIfAborted('benchmark', given)
      const row = await readRow(job)
      if (row) yield row
      else missing.push(job)
    }
    if (missing.length === 0) return
    const ended = new AbortController()
    const signal = AbortSignal.any([ended.signal, ...(given ? [given] : [])])
    const wait = { signal, onNote }
    let worker: Promise<unknown> = Promise.resolve()
    let broken: unknown
    try {
      const ids = await patience(signal, onNote)(() => queue.submit(missing, options))
      const byId = new Map(ids.map((id, index) => [id, missing[index] as CellTask]))
      if (queue.isEmbedded) {
        worker = work(queue, { ...options.here, tags: options.tag === undefined ? [] : [options.tag] }, wait).catch(
          (error: unknown) => {
            broken = error
            ended.abort()
          },
        )
      }
      const failures: string[] = []
      for await (const { id, state, error } of endedJobs(queue, ids, wait)) {
        const job = byId.get(id) as CellTask
        if (state === 'completed') yield await resultOf(job)
        else failures.push(`${job.title}: ${state === 'cancelled' ? 'cancelled' : error}`)
      }
      if (failures.length > 0) {
        const message = `${failures.length} of ${jobs.length} cells have no result, the first: ${failures[0]}`
        throw new TabError('UNSUPPORTED', { where: 'benchmark', message })
      }
    } catch (error) {
      throwIfAborted('benchmark', given)
      throw isTabError(error) ? error : (broken ?? error)
    } finally {
      ended.abort()
      await worker
    }
  }
}

function jobOf({ cell, key }: CellJob, isCached: boolean, store: string): CellTask {
  return { kind: 'evaluate-cell', key, title: cellText(cell.name), store, cell, isCached }
}

async function resultOf(job: CellTask): Promise<CellRow> {
  const row = await readRow(job)
  if (row) return row
  throw new TabError('INVALID_DATA', {
    where: 'spec.store',
    expected: 'a folder that client and workers share by the same path',
    actual: `no ${resultPath(job)}, though its job is done`,
  })
}
