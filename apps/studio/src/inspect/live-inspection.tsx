import type { VNode } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { CameraView } from '../camera/camera-view.tsx'
import { useCamera } from '../camera/use-camera.ts'
import type { Finding } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'
import { drawnFinding } from '../state/session.ts'
import { Figures } from './figures.tsx'
import { FindingView } from './finding-view.tsx'
import { opacity, OpacitySlider } from './opacity.tsx'
import { Verdict } from './verdict.tsx'

const SMOOTHING = 0.2 // weight of the last picture in the rate

/** Inspects the pictures of a camera, each as soon as the one before is done. */
export function LiveInspection(): VNode {
  const say = messages.value
  const camera = useCamera()
  const shown = useRef<HTMLCanvasElement>(null)
  const [finding, setFinding] = useState<Finding | null>(null)
  const [rate, setRate] = useState<number | null>(null)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    if (!camera.isRunning) return
    let isOver = false
    const run = async (): Promise<void> => {
      let seconds = 0
      while (!isOver && camera.video.current) {
        const start = performance.now()
        const video = camera.video.current
        const [frame, copy] = await Promise.all([createImageBitmap(video), createImageBitmap(video)])
        const found = await drawnFinding(frame)
        if (!isOver) paint(shown.current, copy)
        copy.close()
        const last = (performance.now() - start) / 1000
        seconds = seconds === 0 ? last : (1 - SMOOTHING) * seconds + SMOOTHING * last
        if (isOver) return
        setFinding(found)
        setRate(1 / seconds)
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
    }
    run().catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)))
    return () => {
      isOver = true
    }
  }, [camera.isRunning])
  return (
    <div class="live">
      <CameraView camera={camera} isHidden={finding !== null}>
        <OpacitySlider />
      </CameraView>
      {failure !== null && (
        <p class="trouble" role="alert">
          {say.failed}: {failure}
        </p>
      )}
      <div hidden={finding === null}>
        <div class="detail-head">
          {finding && <Verdict finding={finding} />}
          <span class="file rate">{rate !== null && say.framesPerSecond(rate)}</span>
        </div>
        <FindingView picture={finding?.picture ?? null} opacity={opacity.value}>
          <canvas ref={shown} class="frame" role="img" aria-label={say.liveLabel} />
        </FindingView>
        {finding && <Figures finding={finding} />}
      </div>
    </div>
  )
}

function paint(canvas: HTMLCanvasElement | null, frame: ImageBitmap): void {
  if (!canvas) return
  if (canvas.width !== frame.width) canvas.width = frame.width
  if (canvas.height !== frame.height) canvas.height = frame.height
  canvas.getContext('2d')?.drawImage(frame, 0, 0)
}
