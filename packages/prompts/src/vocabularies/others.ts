import type { Vocabulary } from './noun.ts'

/** BTAD (Mishra et al., ISIE 2021): three industrial products without names. */
export const BTAD: Vocabulary = {
  '01': { text: 'round metal part', material: 'metal' },
  '02': { text: 'wooden surface', material: 'wood' },
  '03': { text: 'round plastic part', material: 'plastic' },
}

/** KolektorSDD2 (Bozic et al., 2021): surfaces of one product. */
export const KSDD2: Vocabulary = {
  ksdd2: { text: 'metal surface', material: 'metal' },
}

/** VisA (Zou et al., ECCV 2022): 12 classes. */
export const VISA: Vocabulary = {
  candle: { text: 'candle', material: 'plastic' },
  capsules: { text: 'capsules', form: 'plural', material: 'food' },
  cashew: { text: 'cashew', material: 'food' },
  chewinggum: { text: 'chewing gum', form: 'mass', material: 'food' },
  fryum: { text: 'fryum', material: 'food' },
  macaroni1: { text: 'macaroni', form: 'mass', material: 'food' },
  macaroni2: { text: 'macaroni', form: 'mass', material: 'food' },
  pcb1: { text: 'printed circuit board', material: 'pcb' },
  pcb2: { text: 'printed circuit board', material: 'pcb' },
  pcb3: { text: 'printed circuit board', material: 'pcb' },
  pcb4: { text: 'printed circuit board', material: 'pcb' },
  pipe_fryum: { text: 'pipe fryum', material: 'food' },
}

/** MPDD (Jezek et al., ICUMT 2021): 6 classes of painted metal parts. */
export const MPDD: Vocabulary = {
  bracket_black: { text: 'black metal bracket', material: 'metal' },
  bracket_brown: { text: 'brown metal bracket', material: 'metal' },
  bracket_white: { text: 'white metal bracket', material: 'metal' },
  connector: { text: 'connector', material: 'metal' },
  metal_plate: { text: 'metal plate', material: 'metal' },
  tubes: { text: 'metal tubes', form: 'plural', material: 'metal' },
}
