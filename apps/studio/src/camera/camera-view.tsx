import type { ComponentChildren, VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import type { Camera } from './use-camera.ts'

interface CameraViewProps {
  readonly camera: Camera
  /** Whether the video itself is hidden, as its frames are shown elsewhere. */
  readonly isHidden?: boolean
  readonly children?: ComponentChildren
}

/** The picture of a camera, the choice among several, and what went wrong. */
export function CameraView({ camera, isHidden = false, children }: CameraViewProps): VNode {
  const say = messages.value
  const { video, devices, device, failure, choose } = camera
  return (
    <div class="camera">
      <video ref={video} muted playsInline hidden={isHidden || failure !== null} aria-label={say.liveLabel} />
      {failure !== null && (
        <p class="trouble" role="alert">
          {say.cameraFailed}: {failure}
        </p>
      )}
      <div class="row">
        {children}
        {devices.length > 1 && (
          <label class="field">
            {say.device}
            <select value={device} onChange={(event) => choose(event.currentTarget.value)}>
              {devices.map(({ deviceId, label }, index) => (
                <option key={deviceId} value={deviceId}>
                  {label || String(index + 1)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
    </div>
  )
}
