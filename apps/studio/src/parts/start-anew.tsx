import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'
import { messages } from '../messages/messages.ts'
import { startAnew } from '../state/session.ts'

/** Forgets everything, after asking. */
export function StartAnew(): VNode {
  const say = messages.value
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <>
      <button type="button" class="quiet" onClick={() => dialog.current?.showModal()}>
        {say.startAnew}
      </button>
      <dialog ref={dialog} aria-labelledby="start-anew">
        <p id="start-anew">{say.startAnewAsk}</p>
        <div class="row">
          <button type="button" onClick={() => dialog.current?.close()}>
            {say.back}
          </button>
          <button
            type="button"
            class="danger"
            onClick={() => {
              dialog.current?.close()
              void startAnew().then(() => (location.hash = '#teach'))
            }}
          >
            {say.forget}
          </button>
        </div>
      </dialog>
    </>
  )
}
