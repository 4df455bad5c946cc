import type { Vocabulary } from './noun.ts'

/** MVTec AD (Bergmann et al., CVPR 2019): 15 classes. */
export const MVTEC_AD: Vocabulary = {
  bottle: { text: 'glass bottle', material: 'glass' },
  cable: { text: 'cable', material: 'plastic' },
  capsule: { text: 'capsule', material: 'food' },
  carpet: { text: 'carpet', material: 'fabric' },
  grid: { text: 'metal grid', material: 'metal' },
  hazelnut: { text: 'hazelnut', material: 'food' },
  leather: { text: 'leather', form: 'mass', material: 'fabric' },
  metal_nut: { text: 'metal nut', material: 'metal' },
  pill: { text: 'pill', material: 'food' },
  screw: { text: 'screw', material: 'metal' },
  tile: { text: 'stone tile', material: 'stone' },
  toothbrush: { text: 'toothbrush', material: 'plastic' },
  transistor: { text: 'transistor', material: 'pcb' },
  wood: { text: 'wood', form: 'mass', material: 'wood' },
  zipper: { text: 'zipper', material: 'fabric' },
}
