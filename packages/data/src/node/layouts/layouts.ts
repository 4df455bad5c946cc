import { LAYOUT_NAMES, type LayoutName } from '../../layout-names.ts'
import { btad } from './btad.ts'
import { kolektorSdd } from './kolektor-sdd.ts'
import { kolektorSdd2 } from './kolektor-sdd2.ts'
import { images } from './images.ts'
import type { Layout } from './layout.ts'
import { magneticTile } from './magnetic-tile.ts'
import { manifest } from './manifest.ts'
import { mpdd } from './mpdd.ts'
import { mvtecAd } from './mvtec-ad.ts'
import { mvtecAd2 } from './mvtec-ad-2.ts'
import { mvtecLoco } from './mvtec-loco.ts'
import { plainFolder } from './plain-folder.ts'
import { visa } from './visa.ts'

const BY_NAME: Readonly<Record<LayoutName, Layout>> = {
  manifest,
  visa,
  'mvtec-ad-2': mvtecAd2,
  'mvtec-loco': mvtecLoco,
  mpdd,
  'mvtec-ad': mvtecAd,
  btad,
  'kolektor-sdd2': kolektorSdd2,
  'kolektor-sdd': kolektorSdd,
  'magnetic-tile': magneticTile,
  folder: plainFolder,
  images,
}

/** All layouts, in the order in which they are tried: more specific ones first. */
export const LAYOUTS: readonly Layout[] = LAYOUT_NAMES.map((name) => BY_NAME[name])
