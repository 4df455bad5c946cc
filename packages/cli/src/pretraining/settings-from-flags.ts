import { TabError } from '@tab/core'
import { PRETRAIN_PRESETS, type PresetId, type PretrainSettings } from '@tab/model/training'

/** What the command line says of the settings. */
export interface SettingsFlags {
  readonly preset: PresetId
  readonly imageSize?: number
  readonly steps?: number
  readonly batch?: number
  readonly accumulate?: number
  /** `name=value`, one of the settings each. */
  readonly set: readonly string[]
}

/**
 * A preset with what was changed of it; `--set` comes last.
 * @throws INVALID_ARGUMENT for a setting that does not exist or a value of another type
 */
export function settingsFromFlags({
  preset,
  imageSize,
  steps,
  batch,
  accumulate,
  set,
}: SettingsFlags): PretrainSettings {
  const base = PRETRAIN_PRESETS[preset]
  let settings: PretrainSettings = {
    ...base,
    imageSize: imageSize ?? base.imageSize,
    imageSizes: imageSize === undefined ? base.imageSizes : [],
    steps: steps ?? base.steps,
    pairs: batch ?? base.pairs,
    accumulate: accumulate ?? base.accumulate,
  }
  for (const assignment of set) settings = withSetting(settings, assignment)
  return settings
}

function withSetting(settings: PretrainSettings, assignment: string): PretrainSettings {
  const [, name = '', text = ''] = /^([^=]*)=(.*)$/s.exec(assignment) ?? []
  const { losses, ...single } = settings
  const loss = name.startsWith('losses.') ? name.slice('losses.'.length) : undefined
  const current: Readonly<Record<string, unknown>> = loss === undefined ? single : { ...losses }
  const key = loss ?? name
  if (!Object.hasOwn(current, key)) {
    const names = [...Object.keys(single), ...Object.keys(losses).map((term) => `losses.${term}`)]
    throw new TabError('INVALID_ARGUMENT', {
      where: '--set',
      expected: `NAME=VALUE with a name of ${names.join(', ')}`,
      actual: assignment,
    })
  }
  const value = parsed(current[key], text, assignment)
  return loss === undefined ? { ...settings, [key]: value } : { ...settings, losses: { ...losses, [key]: value } }
}

/** The text as a value of the type that the setting has: names or numbers with commas between for a list, `null` for none where a number may lack. */
function parsed(current: unknown, text: string, assignment: string): unknown {
  if (Array.isArray(current)) {
    const parts = text.split(',').filter((part) => part !== '')
    return parts.every((part) => Number.isFinite(Number(part))) ? parts.map(Number) : parts
  }
  if (typeof current === 'string') return text
  const number = text.trim() === '' ? NaN : Number(text)
  if (Number.isFinite(number)) return number
  if (text === 'null') return null
  throw new TabError('INVALID_ARGUMENT', { where: '--set', expected: 'a number', actual: assignment })
}
