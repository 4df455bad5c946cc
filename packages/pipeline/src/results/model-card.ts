import type { PretrainSettings } from '@tab/model/training'

/** What a card says of one class of the training. */
export interface ClassCard {
  readonly name: string
  readonly images: number
  /** SHA-256 over the names and contents of the files, in their order. */
  readonly digest: string
  readonly normalPrompts: number
  readonly abnormalPrompts: number
}

/** Content of `model-card.json`: what the weights are and how to make them again. */
export interface ModelCard {
  readonly schema: 'tab.model-card/1'
  readonly architecture: string
  /** Digests of the weights before and after. */
  readonly initialWeights: string
  readonly weights: string
  readonly classes: readonly ClassCard[]
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
