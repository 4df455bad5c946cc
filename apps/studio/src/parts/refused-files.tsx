import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { refused } from '../state/session.ts'

/** The files that were not taken, by name, with the reason. */
export function RefusedFiles(): VNode | null {
  const say = messages.value
  if (refused.value.length === 0) return null
  return (
    <div class="note warn" role="status">
      <p>{say.refused(refused.value.length)}</p>
      <ul>
        {refused.value.map(({ name, why }) => (
          <li key={name}>
            <b>{name}</b>: {say.refusal[why]}
          </li>
        ))}
      </ul>
    </div>
  )
}
