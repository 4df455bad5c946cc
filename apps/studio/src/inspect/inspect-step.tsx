import { signal } from '@preact/signals'
import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { DropZone } from '../parts/drop-zone.tsx'
import { RefusedFiles } from '../parts/refused-files.tsx'
import { chosen, inspectPictures, results, trouble } from '../state/session.ts'
import { LiveInspection } from './live-inspection.tsx'
import { ResultDetail } from './result-detail.tsx'
import { ResultList } from './result-list.tsx'
import { ThresholdSlider } from './threshold-slider.tsx'

const isLive = signal(false)

/** Step 2: pictures, folders and the camera against the detector. */
export function InspectStep(): VNode {
  const say = messages.value
  const result = results.value.find(({ id }) => id === chosen.value)
  return (
    <section aria-labelledby="inspect">
      <h2 id="inspect">{say.steps.inspect}</h2>
      <p class="lead">{say.inspectLead}</p>
      <div class="columns">
        <div>
          <DropZone onFiles={(files) => void inspectPictures(files)}>
            <button type="button" aria-pressed={isLive.value} onClick={() => (isLive.value = !isLive.value)}>
              {isLive.value ? say.stop : say.liveInspect}
            </button>
          </DropZone>
          <RefusedFiles />
          {trouble.value?.where === 'inspect' && (
            <p class="trouble" role="alert">
              {say.failed}: {trouble.value.message}
            </p>
          )}
          <ResultList />
          <ThresholdSlider />
        </div>
        <div>{isLive.value ? <LiveInspection /> : result && <ResultDetail key={result.id} result={result} />}</div>
      </div>
    </section>
  )
}
