import { imagesNeeded } from '@tab/adapters'
import type { VNode } from 'preact'
import type { DetectorSummary } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'

const USUAL_RATE = 0.05
/** Good pictures from which on half of them, held out, guarantee the usual rate. */
const NEEDED = 2 * imagesNeeded(USUAL_RATE)

/** What the learned threshold promises: a rate only where one is guaranteed. */
export function ThresholdPromise({ detector }: { readonly detector: DetectorSummary }): VNode {
  const say = messages.value
  const { threshold, guaranteedRate, scores } = detector
  if (threshold === null) return <p>{say.noThreshold}</p>
  const above = scores.filter((score) => score > threshold).length
  return (
    <p class="promise">
      {guaranteedRate === null
        ? `${say.noPromise((above + 1) / (scores.length + 1))} ${say.morePictures(NEEDED)}`
        : say.promise(guaranteedRate)}{' '}
      {say.missed}
    </p>
  )
}
