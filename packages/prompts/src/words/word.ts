/** Where a list of words comes from. */
export type Provenance =
  | 'winclip' // Jeong et al., CVPR 2023, appendix; as collected in anomalib
  | 'clip' // Radford et al., 2021, prompts for ImageNet
  | 'tab' // Lee & Lai, arXiv 2312.09480, and its released code
  | 'anovl' // Deng et al., AnoVL, 2023: the industrial domain
  | 'ours'

/** A phrase with `{}` where something is put in, and its source. */
export interface Phrase {
  readonly text: string
  readonly from: Provenance
}

/** Phrases of one source. */
export function phrases(from: Provenance, ...texts: readonly string[]): Phrase[] {
  return texts.map((text) => ({ text, from }))
}
