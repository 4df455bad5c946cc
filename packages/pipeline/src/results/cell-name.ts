/** Number of good training images a detector is fitted on, or all of them. */
export type Shots = number | 'full'

/** What a cell of the table is called. */
export interface CellName {
  readonly dataset: string
  /** Empty for a data set without categories. */
  readonly category: string
  readonly backbone: string
  readonly detector: string
  readonly shots: Shots
  readonly seed: number
}

/**
 * A cell as people read it, for notes and error messages.
 * @example
 * ```ts
 * import { cellText } from '@tab/pipeline/results'
 *
 * const cell = { dataset: 'mvtec', category: 'screw', backbone: 'TAB', detector: 'PatchCore', shots: 10, seed: 1 }
 * console.log(cellText(cell)) // mvtec/screw, TAB, PatchCore, 10 normals, seed 1
 * ```
 */
export function cellText({ dataset, category, backbone, detector, shots, seed }: CellName): string {
  const data = category === '' ? dataset : `${dataset}/${category}`
  return `${data}, ${backbone}, ${detector}, ${shots === 'full' ? 'all' : shots} normals, seed ${seed}`
}
