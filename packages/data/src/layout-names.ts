/** Names of the layouts that are known, in the order in which they are tried: what is more particular comes first. */
export const LAYOUT_NAMES = [
  'manifest',
  'visa',
  'mvtec-ad-2',
  'mvtec-loco',
  'mpdd',
  'mvtec-ad',
  'btad',
  'kolektor-sdd2',
  'kolektor-sdd',
  'magnetic-tile',
  'folder',
  'images',
] as const

/** Name of a layout. */
export type LayoutName = (typeof LAYOUT_NAMES)[number]
