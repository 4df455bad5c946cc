import type { VNode } from 'preact'
import type { Finding } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'
import { isDefect } from '../state/session.ts'

/** The word for a finding at the threshold of now. */
export function verdictText(finding: Pick<Finding, 'score'>): string {
  const say = messages.value
  const defect = isDefect(finding)
  return defect === null ? say.notJudged : defect ? say.defect : say.good
}

/** The class that colours it. */
export function verdictClass(finding: Pick<Finding, 'score'>): string {
  const defect = isDefect(finding)
  return defect === null ? 'unjudged' : defect ? 'defect' : 'good'
}

const MARKS: Readonly<Record<string, string>> = { good: '✓', defect: '✕', unjudged: '?' }

/** The verdict as a word with a mark, so that it does not depend on colour. */
export function Verdict({ finding }: { readonly finding: Pick<Finding, 'score'> }): VNode {
  const kind = verdictClass(finding)
  return (
    <span class={`verdict ${kind}`}>
      <span aria-hidden="true">{MARKS[kind]}</span> {verdictText(finding)}
    </span>
  )
}
