import type { Tensor } from '@tab/core'
import { finiteScores, type FloatArray } from '../inputs.ts'
import { createScoreList } from '../streaming/score-list.ts'
import { assertCounts, assertKind, type StreamState } from '../streaming/metric-stream.ts'

/** Anomaly maps [N,H,W] and their masks, 1 on defects. */
export type MappedBatch = [maps: Tensor, masks: Tensor<'uint8'>]

/** Pixel scores of a batch: the normal ones, and the defective ones by the groups they are counted in. */
export interface GroupedPixels {
  readonly normal: Float32Array
  /** One group after another. */
  readonly anomalous: Float32Array
  /** Pixels of each group. */
  readonly groupSizes: Uint32Array
}

/** All pixels so far. */
export interface PixelState extends StreamState, GroupedPixels {
  readonly kind: 'regions' | 'images'
}

/** Collects pixels batch by batch: 4 bytes each, and 4 more per group. */
export interface PixelStore {
  add(batch: GroupedPixels): void
  normalCount(): number
  /** At least the `count` highest scores of normal pixels, or all if there are fewer, in ascending order. */
  highestNormal(count: number): FloatArray
  /** Scores of defective pixels, group by group. */
  anomalous(): FloatArray
  groupSizes(): Uint32Array
  reset(): void
  state(): PixelState
  merge(where: string, state: PixelState): void
}

export function createPixelStore(kind: PixelState['kind']): PixelStore {
  const [normal, anomalous] = [createScoreList(), createScoreList()]
  let sizes = new Uint32Array(16)
  let groups = 0

  const add = (batch: GroupedPixels): void => {
    normal.push(batch.normal)
    anomalous.push(batch.anomalous)
    const needed = groups + batch.groupSizes.length
    if (needed > sizes.length) {
      const grown = new Uint32Array(Math.max(needed, Math.ceil(groups * 1.25)))
      grown.set(sizes.subarray(0, groups))
      sizes = grown
    }
    sizes.set(batch.groupSizes, groups)
    groups = needed
  }
  return {
    add,
    normalCount: () => normal.values().length,
    highestNormal: (count) => normal.highest(count),
    anomalous: () => anomalous.values(),
    groupSizes: () => sizes.subarray(0, groups),
    reset() {
      normal.clear()
      anomalous.clear()
      groups = 0
    },
    state: () => ({
      kind,
      normal: normal.values() as Float32Array,
      anomalous: anomalous.values() as Float32Array,
      groupSizes: sizes.subarray(0, groups),
    }),
    merge(where, state) {
      assertKind(where, state, kind)
      const { groupSizes } = state
      assertCounts(where, groupSizes, groupSizes.length)
      const [others, anomalies] = [state.normal, state.anomalous].map((scores) =>
        finiteScores(`${where}.merge`, scores).slice(),
      ) as [Float32Array, Float32Array]
      add({ normal: others, anomalous: anomalies, groupSizes })
    },
  }
}
