import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { chosen, clearResults, inspecting, isDefect, results } from '../state/session.ts'
import { verdictClass, verdictText } from './verdict.tsx'

/** The pictures that were inspected, with their verdicts. */
export function ResultList(): VNode {
  const say = messages.value
  const all = results.value
  const busy = inspecting.value
  const labelled = all.filter(({ label, finding }) => label !== null && isDefect(finding) !== null)
  const same = labelled.filter(({ label, finding }) => (label === 'ng') === isDefect(finding)).length
  return (
    <div class="results">
      <p class="count" role="status">
        {busy
          ? say.inspecting(busy.done, busy.total)
          : all.length === 0
            ? say.nothingYet
            : say.inspected(all.length, all.filter(({ finding }) => isDefect(finding)).length)}
        {labelled.length > 0 && ` ${say.agreement(same, labelled.length)}`}
      </p>
      {all.length > 0 && (
        <>
          <ul class="thumbnails" aria-label={say.results}>
            {all.map(({ id, name, url, finding, label }) => (
              <li key={id} class={verdictClass(finding)}>
                <button
                  type="button"
                  class="pick"
                  aria-pressed={chosen.value === id}
                  onClick={() => (chosen.value = id)}
                >
                  <img src={url} alt="" loading="lazy" />
                  <span class="caption">
                    <b>{verdictText(finding)}</b>
                    {label !== null && <span class="label">{label === 'ok' ? say.ok : say.ng}</span>}
                    <span class="unseen">{name}</span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
          <button type="button" class="quiet" disabled={busy !== null} onClick={clearResults}>
            {say.clear}
          </button>
        </>
      )}
    </div>
  )
}
