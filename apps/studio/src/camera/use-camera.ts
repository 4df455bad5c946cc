import { useEffect, useRef, useState } from 'preact/hooks'

/** A camera that is running, or why it is not. */
export interface Camera {
  readonly video: { current: HTMLVideoElement | null }
  readonly devices: readonly MediaDeviceInfo[]
  readonly device: string
  readonly isRunning: boolean
  readonly failure: string | null
  choose(device: string): void
}

/** Enough for every size that pictures are reduced to, and quick to read. */
const WANTED = { width: { ideal: 640 }, height: { ideal: 480 } }

/** Runs a camera while the component is shown; the video element must be muted and inline. */
export function useCamera(): Camera {
  const video = useRef<HTMLVideoElement>(null)
  const [device, choose] = useState('')
  const [devices, setDevices] = useState<readonly MediaDeviceInfo[]>([])
  const [isRunning, setRunning] = useState(false)
  const [failure, setFailure] = useState<string | null>(null)
  useEffect(() => {
    let isOver = false
    let stream: MediaStream | undefined
    const stop = (): void => stream?.getTracks().forEach((track) => track.stop())
    const start = async (): Promise<void> => {
      const which = device === '' ? { facingMode: 'environment' } : { deviceId: { exact: device } }
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, ...which } })
      if (isOver || !video.current) return stop()
      video.current.srcObject = stream
      await video.current.play()
      const all = await navigator.mediaDevices.enumerateDevices()
      setDevices(all.filter(({ kind }) => kind === 'videoinput'))
      setFailure(null)
      setRunning(true)
    }
    start().catch((error: unknown) => {
      if (!isOver) setFailure(error instanceof Error ? error.message : String(error))
    })
    return () => {
      isOver = true
      setRunning(false)
      stop()
    }
  }, [device])
  return { video, devices, device, isRunning, failure, choose }
}
