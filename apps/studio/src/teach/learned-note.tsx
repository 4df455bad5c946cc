import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { ThresholdPromise } from '../parts/promise.tsx'
import { detector, learn, learning, leaveOut, pictures, taught } from '../state/session.ts'

const MEGABYTE = 1e6

/** What came of the fit: the promise of the threshold, and pictures that look unlike the others. */
export function LearnedNote(): VNode | null {
  const say = messages.value
  const current = detector.value
  const learned = current?.learned
  if (!current || !learned || learning.value) return null
  const used = new Set(current.goodImages)
  const isChanged = taught.value.length !== used.size || taught.value.some(({ name }) => !used.has(name))
  const names = (learned.suspects ?? []).map(({ name }) => name)
  const suspects = taught.value.filter(({ name }) => names.includes(name))
  const drop = async (): Promise<void> => {
    await leaveOut(names, true)
    await learn()
  }
  return (
    <div class="card learned">
      <h3>{say.learned(learned.pictures, learned.seconds)}</h3>
      <ThresholdPromise detector={current} />
      <p class="hint">{say.memory(learned.heldBytes / MEGABYTE)}</p>
      {suspects.length > 0 ? (
        <div class="suspects">
          <h4>{say.suspectsTitle(suspects.length)}</h4>
          <p>{say.suspectsText}</p>
          <ul class="thumbnails">
            {suspects.map(({ id, name, url }) => (
              <li key={id} class="suspect">
                <img src={url} alt={name} />
                <span class="caption">{name}</span>
              </li>
            ))}
          </ul>
          <button type="button" disabled={pictures.value.length - suspects.length < 2} onClick={() => void drop()}>
            {say.dropSuspects}
          </button>
        </div>
      ) : (
        <p class="hint" role="status">
          {learned.suspects === undefined
            ? say.comparing
            : learned.suspects === null
              ? say.suspectsFew
              : names.length === 0 && say.suspectsNone}
        </p>
      )}
      {isChanged ? (
        <p class="note warn">{say.changed}</p>
      ) : (
        <a class="button primary" href="#inspect">
          {say.goInspect} →
        </a>
      )}
    </div>
  )
}
