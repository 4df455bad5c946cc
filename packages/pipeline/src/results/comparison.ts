import type { Shots } from './cell-name.ts'

/** How a backbone's image AUROC differs from that of the first one of the config, on the same images, normals and seeds. */
export interface Comparison {
  readonly dataset: string
  readonly detector: string
  readonly shots: Shots
  readonly backbone: string
  readonly reference: string
  /** Mean over categories and seeds, backbone minus reference. */
  readonly difference: number
  /** 95 %, over test images. */
  readonly interval: readonly [number, number]
  readonly pValue: number
  /** Seeds in which the backbone was better, of how many. */
  readonly better: number
  readonly seeds: number
}
