import type { Noun } from '../vocabularies/noun.ts'
import { GENERAL_STATES, MATERIAL_STATES, WINCLIP_STATES, type States } from '../words/states.ts'
import { DEFECT_POSITIONS, DOMAINS, DOMAIN_TEMPLATES, PHOTO_TEMPLATES, WINCLIP_TEMPLATES } from '../words/templates.ts'
import type { Phrase } from '../words/word.ts'

/** A named ensemble: the lists to combine. */
export interface Preset {
  /** The states of a noun. */
  states(noun: Noun): States
  /** `{}` is the noun phrase. */
  readonly templates: readonly Phrase[]
  /** Added to abnormal noun phrases, besides the bare phrase. */
  readonly positions: readonly Phrase[]
}

export type PresetName = 'winclip' | 'tab' | 'industrial'

/** Every domain template with every domain. */
function domainTemplates(): Phrase[] {
  return DOMAINS.flatMap((domain) =>
    DOMAIN_TEMPLATES.map((template) => ({ text: template.text.replace('<>', () => domain.text), from: template.from })),
  )
}

function joined(...all: readonly States[]): States {
  return { normal: all.flatMap(({ normal }) => normal), abnormal: all.flatMap(({ abnormal }) => abnormal) }
}

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  /** WinCLIP's states and templates. */
  winclip: { states: () => WINCLIP_STATES, templates: WINCLIP_TEMPLATES, positions: [] },
  /** WinCLIP's with the industrial domain and, on the abnormal side, the positions of TAB. */
  tab: {
    states: () => WINCLIP_STATES,
    templates: [...WINCLIP_TEMPLATES, ...domainTemplates().filter(({ from }) => from === 'tab')],
    positions: DEFECT_POSITIONS,
  },
  /** Ours: general and material states, all domains, no positions (where a defect is does not make it a defect). */
  industrial: {
    states: (noun) =>
      joined(WINCLIP_STATES, GENERAL_STATES, ...(noun.material ? [MATERIAL_STATES[noun.material]] : [])),
    templates: [...WINCLIP_TEMPLATES, ...PHOTO_TEMPLATES, ...domainTemplates()],
    positions: [],
  },
}
