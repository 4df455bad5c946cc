import { assertKnownKeys, TabError, type DetectorState } from '@tab/core'
import { assertCompatibleState } from '../detector-state/compatible-state.ts'
import { isSize } from '../detector-state/is-size.ts'
import { isStateMaker, nestStates, unnestStates, type StateMaker } from '../detector-state/nested-states.ts'
import type { Tiling } from './plan-tiles.ts'

export const TILED = 'tiled'
const VERSION = 1
const OPTIONS = ['image', 'size', 'tops', 'lefts', 'members'] as const

/** What a tiled detector knows besides the detector of its tiles. */
export interface TiledModel {
  /** `[height, width]` of whole images. */
  readonly image: readonly [number, number]
  readonly tiling: Tiling
}

export function tiledState(inner: DetectorState, { image, tiling }: TiledModel): DetectorState {
  const { described, tensors } = nestStates([inner])
  const options = { image, ...tiling, members: described }
  return { method: TILED, version: VERSION, extractorId: inner.extractorId, options, tensors }
}

/**
 * Checks the state of a tiled detector and splits it into its parts.
 * @throws INCOMPATIBLE for another method or version, INVALID_DATA for a damaged state
 */
export function readTiledState(where: string, state: DetectorState): { inner: DetectorState; model: TiledModel } {
  assertCompatibleState(where, state, { method: TILED, version: VERSION, extractorId: state.extractorId })
  assertKnownKeys(where, state.options, OPTIONS)
  const { image, size, tops, lefts, members } = state.options
  const sound =
    isSize(image) &&
    isSize(size) &&
    isLine(tops, image[0], size[0]) &&
    isLine(lefts, image[1], size[1]) &&
    Array.isArray(members) &&
    members.length === 1 &&
    members.every(isStateMaker)
  if (!sound) {
    const expected = `options ${OPTIONS.join(', ')}, tiles that cover the image, and one member`
    throw new TabError('INVALID_DATA', { where, expected, actual: JSON.stringify(state.options).slice(0, 200) })
  }
  const [inner] = unnestStates(members as unknown as readonly StateMaker[], state.tensors) as [DetectorState]
  assertCompatibleState(where, state, { method: TILED, version: VERSION, extractorId: inner.extractorId })
  return { inner, model: { image, tiling: { size, tops, lefts } } }
}

/** Whether tiles of a length cover a line from its beginning to its end. */
function isLine(starts: unknown, side: number, length: number): starts is readonly number[] {
  if (!Array.isArray(starts) || !starts.every(Number.isSafeInteger)) return false
  const [first, last] = [starts[0] as number, starts.at(-1) as number]
  const isCovered = starts.every((start: number, i) => {
    const before = i === 0 ? start : (starts[i - 1] as number)
    return start >= before && start <= before + length
  })
  return first === 0 && last + length === side && isCovered
}
