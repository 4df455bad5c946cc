import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { cancelLearning, detector, learn, learning, reading, taught } from '../state/session.ts'

/** Starts the fit; while it runs, its progress and a way to end it. */
export function LearnButton(): VNode {
  const say = messages.value
  const progress = learning.value
  if (progress) {
    const { phase, done, total } = progress
    return (
      <div class="progress">
        <label>
          <span role="status">{say.learningPhase[phase]}</span>
          <progress value={total > 0 ? done / total : 0} max={1} />
        </label>
        <button type="button" onClick={() => void cancelLearning()}>
          {say.cancel}
        </button>
      </div>
    )
  }
  const isEnough = taught.value.length >= 2
  return (
    <>
      <button type="button" class="primary" disabled={!isEnough || reading.value !== null} onClick={() => void learn()}>
        {detector.value?.learned ? say.learnAgain : say.learn}
      </button>
      {!isEnough && <span class="hint">{say.needTwo}</span>}
    </>
  )
}
