import { BTAD, KSDD2, MPDD, MVTEC_AD, VISA, type Vocabulary } from '@tab/prompts'

/** Every class of every known data set; where two sets share a name, the first has it. */
export const KNOWN_CLASSES: Vocabulary = { ...MPDD, ...VISA, ...KSDD2, ...BTAD, ...MVTEC_AD }
