import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { detector, learning, leaveOut, pictures, removePicture } from '../state/session.ts'

/** The good pictures, each to be left out or removed. */
export function PictureGrid(): VNode | null {
  const say = messages.value
  if (pictures.value.length === 0) return null
  const suspects = new Set(detector.value?.learned?.suspects?.map(({ name }) => name))
  const isBusy = learning.value !== null
  return (
    <ul class="thumbnails">
      {pictures.value.map((picture) => {
        const { id, name, url, isOut } = picture
        const isSuspect = suspects.has(name)
        return (
          <li key={id} class={`${isOut ? 'out' : ''} ${isSuspect ? 'suspect' : ''}`}>
            <img src={url} alt={name} title={name} loading="lazy" />
            {(isOut || isSuspect) && <span class="badge">{isOut ? say.leftOut : say.unlike}</span>}
            <div class="tools">
              <button
                type="button"
                aria-label={isOut ? say.useAgain(name) : say.leaveOut(name)}
                title={isOut ? say.useAgain(name) : say.leaveOut(name)}
                disabled={isBusy}
                onClick={() => void leaveOut([name], !isOut)}
              >
                {isOut ? '+' : '–'}
              </button>
              <button
                type="button"
                aria-label={say.remove(name)}
                title={say.remove(name)}
                disabled={isBusy}
                onClick={() => void removePicture(picture)}
              >
                ×
              </button>
            </div>
          </li>
        )
      })}
    </ul>
  )
}
