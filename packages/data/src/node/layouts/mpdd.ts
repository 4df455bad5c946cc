import type { Layout } from './layout.ts'
import { mvtecAd } from './mvtec-ad.ts'

const CATEGORIES = ['bracket_black', 'bracket_brown', 'bracket_white', 'connector', 'metal_plate', 'tubes']

/**
 * MPDD, painted metal parts (Jezek et al., ICUMT 2021; https://github.com/stepanje/MPDD): laid out as MVTec AD, and distinguished
 * from it by the names of its six categories, listed in anomalib's `MPDDDataset`.
 */
export const mpdd: Layout = {
  name: 'mpdd',
  sign: `train/good and test, in ${CATEGORIES.join(' or ')}`,
  detect: async (tree, name) => CATEGORIES.includes(name) && mvtecAd.detect(tree, name),
  read: mvtecAd.read,
}
