import { bottleCap } from './bottle-cap.ts'
import { bottleMouth } from './bottle-mouth.ts'
import { brushedMetal } from './brushed-metal.ts'
import { capsule } from './capsule.ts'
import { circuitBoard } from './circuit-board.ts'
import { connector } from './connector.ts'
import { cookie } from './cookie.ts'
import { fabric } from './fabric.ts'
import { hexNut } from './hex-nut.ts'
import { knit } from './knit.ts'
import { label } from './label.ts'
import { particleBoard } from './particle-board.ts'
import { perforatedMetal } from './perforated-metal.ts'
import type { PartFactory } from './surface.ts'
import { tablet } from './tablet.ts'
import { washer } from './washer.ts'
import { woodGrain } from './wood-grain.ts'

/** Ten objects and six textures. */
export const PART_KINDS = [
  'washer',
  'tablet',
  'brushed-metal',
  'fabric',
  'hex-nut',
  'bottle-cap',
  'connector',
  'label',
  'circuit-board',
  'bottle-mouth',
  'cookie',
  'capsule',
  'perforated-metal',
  'wood-grain',
  'particle-board',
  'knit',
] as const
export type PartKind = (typeof PART_KINDS)[number]

export const PART_FAMILIES: Readonly<Record<PartKind, PartFactory>> = {
  washer,
  tablet,
  'brushed-metal': brushedMetal,
  fabric,
  'hex-nut': hexNut,
  'bottle-cap': bottleCap,
  connector,
  label,
  'circuit-board': circuitBoard,
  'bottle-mouth': bottleMouth,
  cookie,
  capsule,
  'perforated-metal': perforatedMetal,
  'wood-grain': woodGrain,
  'particle-board': particleBoard,
  knit,
}
