import { signal } from '@preact/signals'
import type { VNode } from 'preact'
import { CameraTaking } from '../camera/camera-taking.tsx'
import { messages } from '../messages/messages.ts'
import { DropZone } from '../parts/drop-zone.tsx'
import { RefusedFiles } from '../parts/refused-files.tsx'
import {
  addPictures,
  chooseSide,
  learning,
  pictures,
  reading,
  side,
  taught,
  trouble,
  wasInterrupted,
} from '../state/session.ts'
import { LearnButton } from './learn-button.tsx'
import { LearnedNote } from './learned-note.tsx'
import { PictureGrid } from './picture-grid.tsx'

const SIDES = [128, 224, 320, 448]
const isCameraOpen = signal(false)

/** Step 1: photographs of good parts, and the fit. */
export function TeachStep(): VNode {
  const say = messages.value
  const out = pictures.value.length - taught.value.length
  return (
    <section aria-labelledby="teach">
      <h2 id="teach">{say.steps.teach}</h2>
      <p class="lead">{say.teachLead}</p>
      {wasInterrupted.value && (
        <p class="note warn" role="status">
          {say.interrupted}
        </p>
      )}
      <DropZone onFiles={(files) => void addPictures(files)}>
        <button
          type="button"
          aria-expanded={isCameraOpen.value}
          onClick={() => (isCameraOpen.value = !isCameraOpen.value)}
        >
          {say.camera}
        </button>
      </DropZone>
      {isCameraOpen.value && <CameraTaking onPictures={(files) => void addPictures(files)} />}
      <RefusedFiles />
      <p class="count" role="status">
        <b>{say.goodPictures(taught.value.length)}</b>
        {out > 0 && `, ${say.leftOutCount(out)}`}
        {reading.value && ` · ${say.readingFiles(reading.value.done, reading.value.total)}`}
      </p>
      <PictureGrid />
      {pictures.value.length > 0 && (
        <div class="row learn">
          <LearnButton />
          <label class="field">
            {say.detail}
            <select
              value={side.value}
              disabled={learning.value !== null}
              onChange={(event) => void chooseSide(Number(event.currentTarget.value))}
            >
              {SIDES.map((pixels) => (
                <option key={pixels} value={pixels}>
                  {`${pixels} px, ${say.details[pixels]}`}
                </option>
              ))}
            </select>
          </label>
        </div>
      )}
      {trouble.value?.where === 'teach' && (
        <p class="trouble" role="alert">
          {say.failed}: {trouble.value.message}
        </p>
      )}
      <LearnedNote />
    </section>
  )
}
