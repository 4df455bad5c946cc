import { TabError } from '@tab/core'
import { checkSettings, PRETRAIN_PRESETS, type PretrainSettings } from '@tab/model/training'
import type { PretrainSpec } from '../../spec/pretrain-spec.ts'

/**
 * The settings that a spec comes to: its preset with what it changes of it.
 * @throws INVALID_ARGUMENT for a preset or a setting that does not exist, or a value that it does not take
 */
export function settingsOf({ preset = 'tab', settings = {} }: PretrainSpec): PretrainSettings {
  const base = Object.entries(PRETRAIN_PRESETS).find(([name]) => name === preset)?.[1]
  if (!base) {
    const expected = `one of ${Object.keys(PRETRAIN_PRESETS).join(', ')}`
    throw new TabError('INVALID_ARGUMENT', { where: 'spec.preset', expected, actual: preset })
  }
  const made = { ...base, ...settings, losses: { ...base.losses, ...settings.losses } }
  checkSettings(made)
  return made
}
