import { watch } from 'chokidar'
import { isImageName } from './find-images.ts'

const SETTLED = 300 // milliseconds without growth: a camera has written its file

/** New images of folders, as they come. */
export interface WatchedFolders {
  /** The images that came since the last call, once there are any; none when the signal has fired. */
  next(): Promise<string[]>
  close(): Promise<void>
}

/** Watches folders and those in them from when the promise resolves. */
export async function watchFolders(folders: readonly string[], signal: AbortSignal): Promise<WatchedFolders> {
  let waiting: string[] = []
  let wake: (() => void) | undefined
  const watcher = watch([...folders], {
    ignoreInitial: true,
    awaitWriteFinish: { stabilityThreshold: SETTLED, pollInterval: 50 },
  })
  watcher.on('add', (path) => {
    if (!isImageName(path)) return
    waiting.push(path)
    wake?.()
  })
  signal.addEventListener('abort', () => wake?.(), { once: true })
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve)
    watcher.once('error', reject)
  })
  return {
    async next() {
      if (waiting.length === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve))
      const came = waiting.sort()
      waiting = []
      return signal.aborted ? [] : came
    },
    close: () => watcher.close(),
  }
}
