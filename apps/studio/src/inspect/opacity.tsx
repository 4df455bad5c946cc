import { signal, type Signal } from '@preact/signals'
import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'

/** How strong heatmaps are, from 0 to 1. */
export const opacity: Signal<number> = signal(0.6)

export function OpacitySlider(): VNode {
  return (
    <label class="field">
      {messages.value.opacity}
      <input
        type="range"
        min={0}
        max={1}
        step={0.05}
        value={opacity.value}
        onInput={(event) => (opacity.value = Number(event.currentTarget.value))}
      />
    </label>
  )
}
