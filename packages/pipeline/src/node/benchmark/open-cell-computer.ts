import { join } from 'node:path'
import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { resolveWeights } from '@tab/weights/node'
import { cellText } from '../../results/cell-name.ts'
import type { CellRow } from '../../results/cell-result.ts'
import { cellKeys } from './cell-key.ts'
import { threadRunner, type CellRunner } from './cell-runner.ts'
import type { CellToolsOptions } from './cell-tools.ts'
import type { Cell } from './cells.ts'
import { computeRow } from './compute-row.ts'
import { openFileDigests } from './file-digests.ts'
import type { CellJob } from './worker.ts'

/** Computes cells that another process, maybe on another machine, has planned. */
export interface CellComputer {
  /** @throws INCOMPATIBLE where this machine has other images, masks, weights or another version of tab; what reading throws; ABORTED */
  compute(job: CellJob, task?: LongTaskOptions): Promise<CellRow>
  stop(): Promise<void>
}

/**
 * Opens a thread that computes cells one at a time, after it was checked that the files here are those that the cell was planned with.
 * @example
 * ```ts
 * import { benchmark, openCellComputer } from '@tab/pipeline/node'
 *
 * const computer = openCellComputer({ cache: undefined, threads: 1 })
 * const { total } = await benchmark(
 *   {
 *     datasets: [{ path: 'washers' }],
 *     backbones: [{ name: 'untrained', random: 'resnet18' }],
 *     detectors: [{ method: 'patchcore' }],
 *     imageSize: [64, 64],
 *     output: 'elsewhere',
 *   },
 *   {
 *     async *computeCells(jobs) {
 *       for (const job of jobs) yield await computer.compute(job)
 *     },
 *   },
 * )
 * await computer.stop()
 * console.log(total) // 1
 * ```
 */
export function openCellComputer(options: CellToolsOptions): CellComputer {
  const digestsFile = options.cache === undefined ? undefined : join(options.cache, 'file-digests.json')
  const saved = new Set<string>()
  let runner: CellRunner | undefined

  /** Reads anew what is known of the files, as they may have changed since the last cell. */
  async function check({ cell, key }: CellJob, signal: AbortSignal | undefined): Promise<void> {
    const digests = await openFileDigests(digestsFile, signal)
    const found = await cellKeys(digests, signal)(cell)
    if (found !== key) {
      throw new TabError('INCOMPATIBLE', {
        where: cellText(cell.name),
        expected: `${cell.path} and the weights as the cell was planned with (key ${key})`,
        actual: `others (key ${found}): images, masks, weights or the version of tab differ`,
      })
    }
    const read = JSON.stringify([cell.path, cell.name.category, cell.backbone])
    if (!saved.has(read)) await digests.save()
    saved.add(read)
  }

  return {
    async compute({ cell: planned, key }, { signal } = {}) {
      const job = { cell: await weightsHere(planned, signal), key }
      await check(job, signal)
      throwIfAborted('benchmark', signal)
      runner ??= threadRunner(options)
      try {
        return await computeRow(runner, job, { signal })
      } catch (error) {
        await runner.stop() // an abort has ended the thread, and after an error it is in doubt
        runner = undefined
        throw error
      }
    },
    async stop() {
      await runner?.stop()
      runner = undefined
    },
  }
}

/** The cell with the place of its weights on this machine: bundled and downloaded ones are elsewhere on each. */
async function weightsHere(cell: Cell, signal: AbortSignal | undefined): Promise<Cell> {
  const { backbone, weights } = cell
  if ('random' in backbone || weights === undefined) return cell
  return { ...cell, backbone: { ...backbone, weights: (await resolveWeights(weights, { signal })).path } }
}
