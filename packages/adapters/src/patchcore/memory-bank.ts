import {
  createRng,
  randomInteger,
  TabError,
  tensor,
  tensorOf,
  type Backend,
  type LongTaskOptions,
  type Tensor,
} from '@tab/core'
import { kCenterRuns } from '@tab/kernels'
import { assertAtMost } from '../at-most.ts'
import type { PatchBatch } from './patch-batches.ts'
import type { PlacedBank } from './place-search.ts'
import { randomProjection, rememberedMatrix, type DrawMatrix, type Projection } from './random-projection.ts'
import { rowStore, type RowStore } from './row-store.ts'
import type { PatchCoreSettings } from './settings.ts'

/** Patches of good parts, reduced to a coreset. */
export interface MemoryBank {
  /** [B,D] */
  readonly patches: Tensor
  /** Number of patches that the coreset represents. */
  readonly seen: number
  /** [B,3], what each is a patch of: number of the good image, row and column there; -1 where that is not known. Earlier files have none. */
  readonly origins?: Tensor<'int32'> | undefined
  /** Where its patches were, for one that is searched near a place; they are in the order of their places. */
  readonly placed?: Pick<PlacedBank, 'places' | 'grid'> | undefined
}

/** Collects patches and selects the bank at the end. */
export interface MemoryBankBuilder {
  add(batch: Omit<PatchBatch, 'size'>): Promise<void>
  finish(): Promise<MemoryBank>
}

type BankSettings = Pick<
  PatchCoreSettings,
  'coresetRatio' | 'coresetSize' | 'projectionDimension' | 'memoryLimit' | 'seed'
>

/**
 * Greedy k-center over a stream. While all patches fit under the memory limit, it selects among all of them. Otherwise it reduces
 * them (merge-and-reduce): whenever the store is full, greedy k-center keeps half of its rows (or twice the `coresetSize`, where
 * that is less), and later patches are merged with these. A greedy selection of k or more patches covers any subset within twice the best radius of k centres (Gonzalez 1985), and
 * radii add up by the triangle inequality. So after J reductions every patch is within 2 (J + 1) times the optimal radius, and so
 * within that multiple of the radius of a greedy selection over all. Distances are measured in the projection.
 * @param base a bank to extend: its patches compete with the new ones
 * @param drawMatrix of the projection; kept by who fits often with the same seed
 * @throws INVALID_ARGUMENT when the limit has no room for twice the bank, or for a `coresetSize` above the number of patches
 */
export function memoryBankBuilder(
  where: string,
  backend: Backend,
  settings: BankSettings,
  task: LongTaskOptions,
  base?: MemoryBank,
  drawMatrix: DrawMatrix = rememberedMatrix(),
): MemoryBankBuilder {
  const rng = createRng(settings.seed)
  const kCenter = kCenterRuns()
  let store: RowStore | undefined
  const from = rowStore(3) // whole numbers, which floats hold up to 2^24
  let project: Projection | undefined
  let seen = base?.seen ?? 0
  let capacity = Infinity
  let reduced = false

  function open(dimension: number): RowStore {
    capacity = capacityUnder(settings, dimension)
    const opened = rowStore(dimension)
    if (base) {
      opened.append(base.patches.data)
      from.append(base.origins?.data ?? new Float32Array((base.patches.shape[0] as number) * 3).fill(-1))
    }
    return opened
  }

  function wanted(): number {
    const { coresetRatio, coresetSize } = settings
    return coresetSize ?? Math.max(1, Math.round(seen * (coresetRatio as number)))
  }

  /** Half of the store; of a bank whose size is known, no more than twice that, as the time of a selection is that of its rows. */
  function keptWhenFull(): number {
    const half = Math.floor(capacity / 2)
    return settings.coresetSize === null ? half : Math.min(half, 2 * settings.coresetSize)
  }

  function assertRoom(dimension: number): void {
    const needed = 2 * wanted()
    if (needed <= capacity) return
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `memoryLimit for twice the memory bank, ${needed * rowBytes(settings, dimension)} bytes at ${seen} patches`,
      actual: String(settings.memoryLimit),
    })
  }

  async function choose(rows: Tensor, count: number): Promise<Uint32Array> {
    const [total, dimension] = rows.shape as [number, number]
    project ??= randomProjection(backend, dimension, settings.projectionDimension, rng, drawMatrix)
    const projected = await project(rows)
    return kCenter(projected, count, { ...task, start: randomInteger(rng, 0, total - 1) })
  }

  return {
    async add({ patches: { shape, data }, origins }) {
      const [count, dimension] = shape as [number, number]
      store ??= open(dimension)
      for (let taken = 0; taken < count;) {
        if (store.count() >= capacity) {
          assertRoom(dimension)
          reduced = true
          const kept = (await choose(store.rows(), keptWhenFull())).sort()
          store.keep(kept)
          from.keep(kept)
        }
        const end = Math.min(count, taken + capacity - store.count())
        store.append(data.subarray(taken * dimension, end * dimension))
        from.append(origins.data.subarray(taken * 3, end * 3))
        seen += end - taken
        taken = end
      }
    },
    async finish() {
      if (!store) throw new TabError('INVALID_ARGUMENT', { where, expected: 'at least one good image', actual: 'none' })
      const { coresetSize } = settings
      if (coresetSize !== null) assertAtMost(where, 'coresetSize', coresetSize, seen, 'patches of the good images')
      const rows = store.rows()
      const [total, dimension] = rows.shape as [number, number]
      if (reduced) assertRoom(dimension)
      const kept = Math.min(total, wanted())
      const chosen = await choose(rows, kept)
      const bank = new Float32Array(kept * dimension)
      chosen.forEach((row, place) =>
        bank.set(rows.data.subarray(row * dimension, (row + 1) * dimension), place * dimension),
      )
      const patches = tensor([kept, dimension], bank)
      return { patches, seen, ...knownOrigins(from, chosen) }
    },
  }
}

/** The origins of the rows that were chosen; none where nothing is known of any. */
export function knownOrigins(from: RowStore, chosen: Uint32Array): Pick<MemoryBank, 'origins'> {
  const all = from.rows().data
  const data = new Int32Array(chosen.length * 3)
  chosen.forEach((row, place) => data.set(all.subarray(row * 3, row * 3 + 3), place * 3))
  return data.some((value) => value >= 0) ? { origins: tensorOf('int32', [chosen.length, 3], data) } : {}
}

/** Bytes per row: in the store and finally in the bank; projected, in the memory of k-center, and there as a centre. */
function rowBytes({ projectionDimension }: BankSettings, dimension: number): number {
  return 4 * (2 * dimension + 3 * Math.min(projectionDimension, dimension) + 8)
}

function capacityUnder(settings: BankSettings, dimension: number): number {
  return settings.memoryLimit === null ? Infinity : Math.floor(settings.memoryLimit / rowBytes(settings, dimension))
}
