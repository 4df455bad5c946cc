import type { VNode } from 'preact'
import type { Finding } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'
import { detector, threshold } from '../state/session.ts'

/** Score, threshold, and how sure the detector is. */
export function Figures({ finding }: { readonly finding: Finding }): VNode {
  const say = messages.value
  const { score, pValue, reason, warnings } = finding
  const total = detector.value?.scores.length ?? 0
  return (
    <>
      <dl>
        <div>
          <dt>{say.score}</dt>
          <dd>{score === null ? '–' : <data value={score}>{score.toFixed(3)}</data>}</dd>
        </div>
        <div>
          <dt>{say.threshold}</dt>
          <dd>{threshold.value?.toFixed(3) ?? '–'}</dd>
        </div>
        {pValue !== null && (
          <div>
            <dt>{say.howSure}</dt>
            <dd>{say.sure(Math.round(pValue * (total + 1)) - 1, total)}</dd>
          </div>
        )}
      </dl>
      {score === null && reason !== null && <p class="note warn">{reason}</p>}
      {warnings.map((warning) => (
        <p key={warning} class="hint">
          {warning}
        </p>
      ))}
    </>
  )
}
