import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { messages } from '../messages/messages.ts'
import type { NamedFile } from '../parts/read-pictures.ts'
import { CameraView } from './camera-view.tsx'
import { useCamera } from './use-camera.ts'

const BURST = 5
const PAUSE = 300 // milliseconds, so that the part can be turned a little

/** Takes pictures with a camera, one or several in a row; without loss, so that they score the same everywhere. */
export function CameraTaking({ onPictures }: { readonly onPictures: (files: readonly NamedFile[]) => void }): VNode {
  const say = messages.value
  const camera = useCamera()
  const [isBusy, setBusy] = useState(false)
  const take = async (count: number): Promise<void> => {
    setBusy(true)
    try {
      for (let number = 0; number < count; number++) {
        if (number > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE))
        if (camera.video.current) onPictures([await still(camera.video.current)])
      }
    } finally {
      setBusy(false)
    }
  }
  const isOff = isBusy || !camera.isRunning
  return (
    <CameraView camera={camera}>
      <button type="button" disabled={isOff} onClick={() => void take(1)}>
        {say.takeOne}
      </button>
      <button type="button" disabled={isOff} onClick={() => void take(BURST)}>
        {say.takeBurst}
      </button>
    </CameraView>
  )
}

async function still(video: HTMLVideoElement): Promise<NamedFile> {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight)
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  const blob = await canvas.convertToBlob({ type: 'image/png' })
  const name = `camera-${new Date().toISOString().replace(/[:.]/g, '-')}.png`
  return { name, file: new File([blob], name, { type: 'image/png' }) }
}
