import { DEFECT_KINDS, type DefectKind } from './defects.ts'
import type { PartKind } from './part-families.ts'

/**
 * Cloth and paper tear, they do not crack; glass does not burn; grown rings bend as they will, and strands at random have no order to be
 * pulled out of.
 */
const IMPOSSIBLE: Partial<Record<PartKind, DefectKind>> = {
  fabric: 'crack',
  knit: 'crack',
  label: 'crack',
  'bottle-mouth': 'burn',
  'wood-grain': 'distortion',
  'particle-board': 'distortion',
}

/**
 * The kinds of defect that a kind of part can have, in the order of `DEFECT_KINDS`. Contamination, dent, missing, scratch and stain suit
 * every part.
 * @example
 * ```ts
 * import { defectsOf } from '@tab/data'
 * console.log(defectsOf('knit').join(' ')) // contamination dent missing scratch stain burn distortion
 * ```
 */
export function defectsOf(part: PartKind): readonly DefectKind[] {
  return DEFECT_KINDS.filter((kind) => kind !== IMPOSSIBLE[part])
}
