import type { Preparation } from '@tab/data'
import type { Judgement, PretrainSettings } from '@tab/model/training'
import type { PretrainPreset } from '../spec/pretrain-presets.ts'

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
  /** `no CLIP text` for the lexical encoder, which knows words but no meaning. */
  readonly text: 'no CLIP text' | 'encoded by textModel'
  /** What settings, prompts and preparation were taken from, with its version. */
  readonly preset: PretrainPreset['id']
  readonly prompts: PretrainPreset['prompts']
  readonly average: PretrainPreset['average']
  readonly preparation: Preparation
  /** Name of the kind or mixture, as `tab pretrain --anomalies` takes it. */
  readonly anomalies: string
  readonly settings: PretrainSettings
  readonly seed: number
  readonly engine: { readonly name: string; readonly version: string; readonly threads: number | null }
  readonly steps: number
  /** AUROC of held-out normal images against fresh synthetic anomalies; null where too few images could be held out. */
  readonly validation: {
    readonly first: number | null
    readonly last: number | null
    /** Best of all, with its step. */
    readonly best: Judgement | null
    /** Of exactly these weights. */
    readonly returned: Judgement | null
    readonly every: number
    /** What each validation judges: held-out good images, and anomalies made of them. */
    readonly images: { readonly normal: number; readonly synthetic: number }
    /** Share of each class that was held out; with 0 all images were learnt from. */
    readonly share: number
    /** What must not be overlooked: that these weights do worse than those the training began with. Null where nothing must. */
    readonly warning: string | null
  }
  readonly madeBy: string
}
