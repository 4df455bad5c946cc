import type { Layout } from './layout.ts'
import { readMvtecAd } from './mvtec-ad.ts'

/**
 * BTAD, beanTech (Mishra et al., ISIE 2021; https://avires.dimi.uniud.it/papers/btad/btad.zip): the categories `01`, `02`, `03`
 * with `train/ok`, `test/ok`, `test/ko` and masks named as their image in `ground_truth/ko`. Images are BMP or PNG by category,
 * and so are the masks, whatever their image is: they are matched by the name without its suffix. `ok` is reported as `good`.
 */
export const btad: Layout = {
  name: 'btad',
  sign: 'train/ok and test',
  detect: async (tree) => (await tree.folders('train')).includes('ok'),
  read: (tree) => readMvtecAd(tree, 'ok'),
}
