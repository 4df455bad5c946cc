import { btad } from './btad.ts'
import { kolektorSdd } from './kolektor-sdd.ts'
import { kolektorSdd2 } from './kolektor-sdd2.ts'
import { images } from './images.ts'
import type { Layout, LayoutName } from './layout.ts'
import { magneticTile } from './magnetic-tile.ts'
import { manifest } from './manifest.ts'
import { mpdd } from './mpdd.ts'
import { mvtecAd } from './mvtec-ad.ts'
import { mvtecAd2 } from './mvtec-ad-2.ts'
import { mvtecLoco } from './mvtec-loco.ts'
import { plainFolder } from './plain-folder.ts'
import { visa } from './visa.ts'

/** All layouts, in the order in which they are tried: more specific ones first. */
export const LAYOUTS: readonly Layout[] = [
  manifest,
  visa,
  mvtecAd2,
  mvtecLoco,
  mpdd,
  mvtecAd,
  btad,
  kolektorSdd2,
  kolektorSdd,
  magneticTile,
  plainFolder,
  images,
]

/** The names of all layouts. */
export const LAYOUT_NAMES: readonly LayoutName[] = LAYOUTS.map(({ name }) => name)
