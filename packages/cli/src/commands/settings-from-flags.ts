import { TabError } from '@tab/core'
import { PRETRAIN_PRESETS, type PresetId, type PretrainSettings } from '@tab/model'
import type { SettingChanges } from '@tab/pipeline'

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
 * What the flags change of a preset; `--set` comes last.
 * @throws INVALID_ARGUMENT for a setting that does not exist or a value of another type
 */
export function settingsFromFlags({ preset, imageSize, steps, batch, accumulate, set }: SettingsFlags): SettingChanges {
  const imageSizes = imageSize === undefined ? undefined : []
  const given = Object.entries({ imageSize, imageSizes, steps, pairs: batch, accumulate }).filter(
    ([, value]) => value !== undefined,
  )
  return set.reduce<SettingChanges>(
    (changes, assignment) => withSetting(changes, PRETRAIN_PRESETS[preset], assignment),
    Object.fromEntries(given),
  )
}

function withSetting(changes: SettingChanges, base: PretrainSettings, assignment: string): SettingChanges {
  const [, name = '', text = ''] = /^([^=]*)=(.*)$/s.exec(assignment) ?? []
  const { losses, ...single } = base
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
  return loss === undefined ? { ...changes, [key]: value } : { ...changes, losses: { ...changes.losses, [key]: value } }
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
