import { createRng, randomInteger, TabError, tensor, tensorOf, type Backend, type LongTaskOptions } from '@tab/core'
import { kCenterRuns } from '@tab/kernels'
import type { MemoryBank, MemoryBankBuilder } from './memory-bank.ts'
import { randomProjection } from './random-projection.ts'
import { rowStore, type RowStore } from './row-store.ts'
import type { PatchCoreSettings } from './settings.ts'

type PlacedSettings = Pick<PatchCoreSettings, 'coresetRatio' | 'projectionDimension' | 'seed'>

/**
 * A memory bank whose patches keep their places. The coreset is selected at each place by itself (greedy k-center, at least one patch),
 * as a patch that represents another elsewhere would be missing where it is searched for.
 * @param base a bank to extend: its patches compete with the new ones at their places
 */
export function placedBankBuilder(
  where: string,
  backend: Backend,
  settings: PlacedSettings,
  task: LongTaskOptions,
  base?: MemoryBank,
): MemoryBankBuilder {
  const rng = createRng(settings.seed)
  const kCenter = kCenterRuns()
  const known = base?.placed
  let grid = known?.grid
  let stores: RowStore[] = []
  let seen = base?.seen ?? 0

  function open([height, width]: readonly [number, number], dimension: number): RowStore[] {
    const opened = Array.from({ length: height * width }, () => rowStore(dimension))
    known?.places.data.forEach((place, row) =>
      (opened[place] as RowStore).append(
        (base as MemoryBank).patches.data.subarray(row * dimension, (row + 1) * dimension),
      ),
    )
    return opened
  }

  return {
    async add({ shape, data }, batchGrid) {
      const dimension = shape[1] as number
      if (stores.length === 0) stores = open((grid = batchGrid), dimension)
      for (let row = 0; row * dimension < data.length; row++) {
        const store = stores[row % stores.length] as RowStore
        store.append(data.subarray(row * dimension, (row + 1) * dimension))
      }
      seen += shape[0] as number
    },
    async finish() {
      const [first] = stores
      if (!first || !grid) {
        throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
      }
      const dimension = first.rows().shape[1] as number
      const wanted = Math.max(1, Math.round((seen / stores.length) * (settings.coresetRatio as number)))
      const project = randomProjection(backend, dimension, settings.projectionDimension, rng)
      const kept = rowStore(dimension)
      const places: number[] = []
      for (const [place, store] of stores.entries()) {
        task.onProgress?.({ phase: 'coreset', done: place, total: stores.length })
        const count = Math.min(store.count(), wanted)
        const start = randomInteger(rng, 0, store.count() - 1)
        const chosen = await kCenter(await project(store.rows()), count, { signal: task.signal, start })
        store.keep(chosen.sort())
        kept.append(store.rows().data)
        for (let i = 0; i < count; i++) places.push(place)
      }
      task.onProgress?.({ phase: 'coreset', done: stores.length, total: stores.length })
      const patches = kept.rows()
      return {
        patches: tensor(patches.shape, patches.data.slice()),
        seen,
        placed: { places: tensorOf('int32', [places.length], Int32Array.from(places)), grid },
      }
    },
  }
}
