import type { VNode } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import type { FindingPicture } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'
import { chosen, detector, drawnFinding, labelResult, results, type Result } from '../state/session.ts'
import { Figures } from './figures.tsx'
import { FindingView } from './finding-view.tsx'
import { opacity, OpacitySlider } from './opacity.tsx'
import { RegionList } from './region-list.tsx'
import { Verdict, verdictText } from './verdict.tsx'

/** One inspected picture, large: what was found, where, and why. */
export function ResultDetail({ result }: { readonly result: Result }): VNode {
  const say = messages.value
  const { id, name, blob, finding, label } = result
  const [picture, setPicture] = useState<FindingPicture | null>(null)
  const url = useMemo(() => URL.createObjectURL(blob), [blob])
  useEffect(() => () => URL.revokeObjectURL(url), [url])
  useEffect(() => {
    let isOver = false
    setPicture(null)
    drawnFinding(blob).then(
      (found) => isOver || setPicture(found.picture),
      () => undefined, // the list has said what went wrong
    )
    return () => {
      isOver = true
    }
  }, [blob, detector.value])
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const key = event.key.toLowerCase()
      if (key === 'o') labelResult(id, 'ok')
      else if (key === 'n') labelResult(id, 'ng')
      else if (event.key === 'ArrowRight') step(id, 1)
      else if (event.key === 'ArrowLeft') step(id, -1)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [id])
  return (
    <article class="detail" aria-label={name}>
      <div class="detail-head">
        <Verdict finding={finding} />
        <span class="file">{name}</span>
      </div>
      <FindingView picture={picture} opacity={opacity.value}>
        <img src={url} alt={say.pictureOf(name, verdictText(finding))} />
      </FindingView>
      <div class="row">
        <OpacitySlider />
        <div class="labels" role="group" aria-label={say.yourWord}>
          <span>{say.yourWord}</span>
          {(['ok', 'ng'] as const).map((word) => (
            <button
              key={word}
              type="button"
              aria-pressed={label === word}
              aria-keyshortcuts={word === 'ok' ? 'O' : 'N'}
              onClick={() => labelResult(id, label === word ? null : word)}
            >
              {say[word]}
            </button>
          ))}
        </div>
      </div>
      <p class="hint keys">{say.keys}</p>
      <Figures finding={finding} />
      <RegionList blob={blob} finding={finding} />
    </article>
  )
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement
}

function step(id: number, by: 1 | -1): void {
  const at = results.value.findIndex((result) => result.id === id)
  const next = results.value[at + by]
  if (next) chosen.value = next.id
}
