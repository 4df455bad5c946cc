import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FIT_SPEC, parseSpec, type FitSpec } from '@tab/pipeline'
import { fitKey } from '@tab/pipeline/node'
import type { LongTaskOptions } from '@tab/core'
import type { FitJob } from '../job.ts'
import type { JobQueue, SubmitOptions } from '../queue/queue.ts'
import { resultPath } from '../store/result-store.ts'

export interface SubmittedFit {
  readonly id: string
  /** Where the detector will be, once a worker has fitted it. */
  readonly detector: string
}

/** A fit whose output is a matter of the queue: a file in the store, named by what decides it. */
export type FitJobSpec = Omit<FitSpec, 'output' | 'overwrite'>

/**
 * Puts fits into a queue, for workers to fit. One whose photographs, weights and settings are those of an earlier one is not fitted again.
 * @param options `store` is the folder of results, which all workers reach by the same path
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND as `fit` does; ABORTED
 * @example
 * ```ts
 * import { openQueue, submitFits, work } from '@tab/jobs'
 *
 * const queue = await openQueue({ jobsUrl: 'jobs', role: 'client' })
 * const [washer] = await submitFits(queue, [{ data: 'washers', imageSize: [64, 64] }], { store: 'results' })
 * console.log(await work(queue, { drain: true, threads: 1 })) // 1
 * console.log(washer?.detector.endsWith('.safetensors')) // true
 * await queue.close()
 * ```
 */
export async function submitFits(
  queue: JobQueue,
  fits: readonly FitJobSpec[],
  options: SubmitOptions & { readonly store: string },
  task: LongTaskOptions = {},
): Promise<readonly SubmittedFit[]> {
  const jobs: FitJob[] = []
  for (const [index, fit] of fits.entries()) {
    const paths = { data: resolve(fit.data), ...(await backboneOf(fit)), output: 'in-the-store.safetensors' }
    const spec = parseSpec(FIT_SPEC, { ...fit, ...paths })
    const key = await fitKey(spec, task)
    jobs.push({ kind: 'fit', key, title: `fit ${spec.data}`, store: resolve(options.store), spec })
    task.onProgress?.({ phase: 'read', done: index + 1, total: fits.length })
  }
  const ids = await queue.submit(jobs, options)
  return jobs.map((job, index) => ({ id: ids[index] as string, detector: resultPath(job) }))
}

/** A file or folder by its absolute path; a name stays. */
async function backboneOf({ backbone }: FitJobSpec): Promise<{ readonly backbone?: string }> {
  const isHere = backbone !== undefined && (await stat(backbone).catch(() => undefined)) !== undefined
  return isHere ? { backbone: resolve(backbone) } : {}
}
