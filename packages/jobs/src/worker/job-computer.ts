import { TabError, type LongTaskOptions } from '@tab/core'
import { fitKey, openCellComputer, type CellComputer } from '@tab/pipeline/node'
import type { CellTask, FitJob, Job } from '../job.ts'
import { featureFolder, hasDetector, readRow, resultPath, writeRow } from '../store/result-store.ts'
import { fitInThread } from './fit-in-thread.ts'

export interface JobComputerOptions {
  /** Folder for features on this machine. Default: in the store of the job. */
  readonly cache?: string | undefined
  /** Threads of ONNX Runtime. */
  readonly threads: number
}

/** Computes jobs one at a time, each in a thread, and leaves the result in the store. */
export interface JobComputer {
  /** @returns false where the result was there already */
  run(job: Job, task: LongTaskOptions): Promise<boolean>
  stop(): Promise<void>
}

/** A computer of every kind of job. */
export function openJobComputer({ cache, threads }: JobComputerOptions): JobComputer {
  let open: { readonly folder: string | undefined; readonly computer: CellComputer } | undefined

  async function computerFor(job: CellTask): Promise<CellComputer> {
    const folder = job.isCached ? (cache ?? featureFolder(job)) : undefined
    if (open?.folder !== folder) {
      await open?.computer.stop()
      open = undefined
    }
    open ??= { folder, computer: openCellComputer({ cache: folder, threads }) }
    return open.computer
  }

  return {
    async run(job, task) {
      if (job.kind === 'fit') return runFit(job, task)
      if (await readRow(job)) return false
      const computer = await computerFor(job)
      await writeRow(job, await computer.compute(job, task))
      return true
    },
    async stop() {
      await open?.computer.stop()
      open = undefined
    },
  }
}

async function runFit(job: FitJob, task: LongTaskOptions): Promise<boolean> {
  if (await hasDetector(job)) return false
  const found = await fitKey(job.spec, task)
  if (found !== job.key) {
    throw new TabError('INCOMPATIBLE', {
      where: job.title,
      expected: `${job.spec.data} and the weights as the fit was planned with (key ${job.key})`,
      actual: `others (key ${found}): images, masks or weights differ`,
    })
  }
  await fitInThread({ ...job.spec, output: resultPath(job), overwrite: true }, task)
  return true
}
