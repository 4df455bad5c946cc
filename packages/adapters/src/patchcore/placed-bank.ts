import { createRng, randomInteger, TabError, tensor, tensorOf, type Backend, type LongTaskOptions } from '@tab/core'
import { kCenterRuns } from '@tab/kernels'
import { knownOrigins, type MemoryBank, type MemoryBankBuilder } from './memory-bank.ts'
import { randomProjection, rememberedMatrix, type DrawMatrix } from './random-projection.ts'
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
  drawMatrix: DrawMatrix = rememberedMatrix(),
): MemoryBankBuilder {
  const rng = createRng(settings.seed)
  const kCenter = kCenterRuns()
  const known = base?.placed
  let grid = known?.grid
  let cells: Cell[] = []
  let seen = base?.seen ?? 0

  function open([height, width]: readonly [number, number], dimension: number): Cell[] {
    const opened = Array.from({ length: height * width }, () => ({ patches: rowStore(dimension), from: rowStore(3) }))
    known?.places.data.forEach((place, row) => {
      const { patches, from } = opened[place] as Cell
      patches.append((base as MemoryBank).patches.data.subarray(row * dimension, (row + 1) * dimension))
      from.append(base?.origins?.data.subarray(row * 3, row * 3 + 3) ?? new Float32Array(3).fill(-1))
    })
    return opened
  }

  return {
    async add({ patches: { shape, data }, origins, places, grid: batchGrid }) {
      const [count, dimension] = shape as [number, number]
      if (cells.length === 0) cells = open((grid = batchGrid), dimension)
      for (let row = 0; row < count; row++) {
        const { patches, from } = cells[places[row] as number] as Cell
        patches.append(data.subarray(row * dimension, (row + 1) * dimension))
        from.append(origins.data.subarray(row * 3, row * 3 + 3))
      }
      seen += count
    },
    async finish() {
      // Places outside of what is looked at have none.
      const used = [...cells.entries()].filter(([, { patches }]) => patches.count() > 0)
      const [first] = used
      if (!first || !grid) {
        throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
      }
      const dimension = first[1].patches.rows().shape[1] as number
      const wanted = Math.max(1, Math.round((seen / used.length) * (settings.coresetRatio as number)))
      const project = randomProjection(backend, dimension, settings.projectionDimension, rng, drawMatrix)
      const kept = rowStore(dimension)
      const keptFrom = rowStore(3)
      const places: number[] = []
      for (const [done, [place, { patches, from }]] of used.entries()) {
        task.onProgress?.({ phase: 'coreset', done, total: used.length })
        const count = Math.min(patches.count(), wanted)
        const start = randomInteger(rng, 0, patches.count() - 1)
        const chosen = (await kCenter(await project(patches.rows()), count, { signal: task.signal, start })).sort()
        patches.keep(chosen)
        from.keep(chosen)
        kept.append(patches.rows().data)
        keptFrom.append(from.rows().data)
        for (let i = 0; i < count; i++) places.push(place)
      }
      task.onProgress?.({ phase: 'coreset', done: used.length, total: used.length })
      const patches = kept.rows()
      return {
        patches: tensor(patches.shape, patches.data.slice()),
        seen,
        placed: { places: tensorOf('int32', [places.length], Int32Array.from(places)), grid },
        ...knownOrigins(keptFrom, Uint32Array.from(places.keys())),
      }
    },
  }
}

/** What is known of one place. */
interface Cell {
  readonly patches: RowStore
  /** What each is a patch of. */
  readonly from: RowStore
}
