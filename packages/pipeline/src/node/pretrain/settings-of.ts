import { checkSettings, type PretrainSettings } from '@tab/model/training'
import { presetOf } from '../../spec/pretrain-presets.ts'
import type { PretrainSpec } from '../../spec/pretrain-spec.ts'

/**
 * The settings that a spec comes to: its preset with what it changes of it.
 * @throws INVALID_ARGUMENT for a preset or a setting that does not exist, or a value that it does not take
 */
export function settingsOf({ preset = 'tab', settings = {} }: PretrainSpec): PretrainSettings {
  const { settings: base } = presetOf(preset)
  const made = { ...base, ...settings, losses: { ...base.losses, ...settings.losses } }
  checkSettings(made)
  return made
}
