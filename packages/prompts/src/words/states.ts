import { phrases, type Phrase } from './word.ts'

/** States of an inspected part; `{}` is the noun. */
export interface States {
  readonly normal: readonly Phrase[]
  readonly abnormal: readonly Phrase[]
}

/** Materials with known typical states. */
export type Material = 'metal' | 'glass' | 'fabric' | 'wood' | 'pcb' | 'food' | 'plastic' | 'stone'

/** The states of WinCLIP's prompt ensemble. */
export const WINCLIP_STATES: States = {
  normal: phrases(
    'winclip',
    '{}',
    'flawless {}',
    'perfect {}',
    'unblemished {}',
    '{} without flaw',
    '{} without defect',
    '{} without damage',
  ),
  abnormal: phrases('winclip', 'damaged {}', '{} with flaw', '{} with defect', '{} with damage'),
}

/** Our additions for any part. */
export const GENERAL_STATES: States = {
  normal: phrases('ours', 'intact {}', 'undamaged {}', 'normal {}', 'clean {}', '{} in perfect condition'),
  abnormal: phrases('ours', 'defective {}', 'faulty {}', 'abnormal {}', 'flawed {}', '{} in poor condition'),
}

/** Our additions for a material. */
export const MATERIAL_STATES: Readonly<Record<Material, States>> = {
  metal: {
    normal: phrases('ours', 'smooth {}', '{} without rust', '{} without scratches'),
    abnormal: phrases('ours', 'scratched {}', 'rusty {}', 'dented {}', 'bent {}', 'cracked {}'),
  },
  glass: {
    normal: phrases('ours', 'clear {}', '{} without chips', '{} without cracks'),
    abnormal: phrases('ours', 'broken {}', 'chipped {}', 'cracked {}', 'contaminated {}'),
  },
  fabric: {
    normal: phrases('ours', 'evenly woven {}', '{} without holes', '{} without stains'),
    abnormal: phrases(
      'ours',
      'torn {}',
      'stained {}',
      'frayed {}',
      'cut {}',
      '{} with a hole',
      '{} with a loose thread',
    ),
  },
  wood: {
    normal: phrases('ours', 'sound {}', '{} without knots', '{} without scratches'),
    abnormal: phrases('ours', 'scratched {}', 'splintered {}', 'stained {}', '{} with a hole'),
  },
  pcb: {
    normal: phrases('ours', 'correctly assembled {}', 'well soldered {}'),
    abnormal: phrases('ours', 'burnt {}', 'badly soldered {}', '{} with a missing component', '{} with a bent pin'),
  },
  food: {
    normal: phrases('ours', 'fresh {}', 'whole {}', '{} without stains'),
    abnormal: phrases('ours', 'broken {}', 'rotten {}', 'mouldy {}', 'crushed {}', '{} with a hole'),
  },
  plastic: {
    normal: phrases('ours', 'well moulded {}', '{} without scratches'),
    abnormal: phrases('ours', 'scratched {}', 'deformed {}', 'melted {}', 'cracked {}', 'discoloured {}'),
  },
  stone: {
    normal: phrases('ours', 'even {}', '{} without cracks'),
    abnormal: phrases('ours', 'cracked {}', 'chipped {}', 'stained {}', '{} with a rough spot'),
  },
}
