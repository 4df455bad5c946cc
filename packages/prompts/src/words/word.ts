/** The source of a list of words. */
export type Provenance =
  | 'winclip' // Jeong et al., CVPR 2023, appendix; as collected in anomalib
  | 'clip' // Radford et al., 2021, prompts for ImageNet
  | 'tab' // Lee & Lai, arXiv 2312.09480, and its released code
  | 'anovl' // Deng et al., AnoVL, 2023: the industrial domain
  | 'ours'

/** A phrase with a placeholder `{}`, and its source. */
export interface Phrase {
  readonly text: string
  readonly from: Provenance
}

/** Phrases from one source. */
export function phrases(from: Provenance, ...texts: readonly string[]): Phrase[] {
  return texts.map((text) => ({ text, from }))
}
