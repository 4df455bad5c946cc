import type { Shots } from './cell-name.ts'

/** A figure from a paper, shown beside ours. */
export interface PublishedFigure {
  readonly source: string
  readonly dataset: string
  readonly detector: string
  readonly backbone: string
  readonly shots: Shots
  readonly imageAuroc?: number | undefined
  readonly pixelAuroc?: number | undefined
  readonly aupro?: number | undefined
}
