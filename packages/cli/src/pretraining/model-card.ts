import type { PretrainSettings } from '@tab/model/training'
import type { ImageClass } from './image-class.ts'

/** Content of `model-card.json`: what the weights are and how to make them again. */
export interface ModelCard {
  readonly schema: 'tab.model-card/1'
  readonly architecture: string
  /** Digests of the weights before and after. */
  readonly initialWeights: string
  readonly weights: string
  readonly classes: readonly ImageClass['card'][]
  readonly textModel: string
  /** Name of the kind or mixture, as `tab pretrain --anomalies` takes it. */
  readonly anomalies: string
  readonly settings: PretrainSettings
  readonly seed: number
  readonly engine: { readonly name: string; readonly version: string; readonly threads: number | null }
  readonly steps: number
  /** AUROC of held-out normal images against fresh synthetic anomalies; null where too few images could be held out. */
  readonly validation: { readonly first: number | null; readonly last: number | null; readonly every: number }
  readonly madeBy: string
}
