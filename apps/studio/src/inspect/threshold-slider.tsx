import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { chooseThreshold, detector, ownThreshold, threshold } from '../state/session.ts'

const STEPS = 200

/** Moves the threshold, and says how many of the good pictures it would call defects. */
export function ThresholdSlider(): VNode | null {
  const say = messages.value
  const current = detector.value
  if (!current) return null
  const { scores } = current
  const usual = current.threshold ?? scores.at(-1) ?? 1
  const lowest = Math.min(scores[0] ?? 0, usual) * 0.8
  const highest = Math.max(scores.at(-1) ?? 0, usual) * 2
  const step = (highest - lowest) / STEPS
  const value = threshold.value ?? usual
  const above = scores.filter((score) => score > value).length
  return (
    <div class="threshold">
      <label for="threshold">{say.thresholdSlider}</label>
      <div class="ends">
        <span aria-hidden="true">{say.strict}</span>
        <input
          id="threshold"
          type="range"
          min={lowest}
          max={highest}
          step={step}
          value={value}
          aria-valuetext={value.toFixed(3)}
          aria-describedby="expected"
          onInput={(event) => void chooseThreshold(Number(event.currentTarget.value))}
        />
        <span aria-hidden="true">{say.lenient}</span>
      </div>
      <p id="expected" class="hint">
        {scores.length > 0 && say.expected(above, scores.length)} {ownThreshold.value !== null && say.ownThreshold}
      </p>
      {ownThreshold.value !== null && (
        <button type="button" onClick={() => void chooseThreshold(null)}>
          {say.resetThreshold}
        </button>
      )}
    </div>
  )
}
