import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename, relative, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isTabError, TabError } from '@tab/core'
import { watchImages, watchSources, type WatchedImage } from '@tab/pipeline/node'
import { HttpError, httpErrorOf } from '../http/http-error.ts'
import type { InspectionService } from '../inspection/inspection-service.ts'
import type { ImageQuery } from '../store/rows.ts'
import type { SourceSpec } from './source-spec.ts'
import type { Source } from './source.ts'

export interface FolderSourceParts {
  readonly service: Pick<InspectionService, 'inspect'>
  /** Whether the store has a result of an image. */
  readonly isStored: (image: ImageQuery) => Promise<boolean>
  /** Images under way at once. */
  readonly atOnce: number
  /** Bytes of the largest image. */
  readonly bytes: number
  /** Told of images that are given up, and when the folder is gone or back. */
  readonly onNote: (note: string) => void
}

const SETTLE = 10_000 // ms
const PAUSE = 250 // ms until a server that is busy is asked again

/**
 * Inspects the images of a folder, each once: those that come or change while the server runs, and those that were there before and have no result in the store.
 * @throws NOT_FOUND without the folder, INVALID_DATA for one that cannot be listed
 */
export async function folderSource(
  { product, path: folder, settle = SETTLE, newOnly = false }: SourceSpec,
  { service, isStored, atOnce, bytes: largest, onNote }: FolderSourceParts,
): Promise<Source> {
  const closing = new AbortController()
  const { signal } = closing
  const name = `${product}: ${basename(folder)}`
  const started = Date.now()
  let [inspected, refused, failure] = [0, 0, null as string | null]
  const tell = (problem: string): void => onNote(`${name}: ${problem}`)
  const watch = await watchImages(await watchSources([folder]), {
    settle,
    newOnly,
    signal,
    onNote(note) {
      failure = note.endsWith(' is back') ? null : note
      tell(note)
    },
  })

  async function read(path: string): Promise<{ bytes: Buffer; isOld: boolean }> {
    const { size, mtimeMs, ctimeMs } = await stat(path)
    if (size > largest) {
      const expected = `an image of at most ${largest} bytes`
      throw new TabError('INVALID_DATA', { where: 'inspect', expected, actual: String(size) })
    }
    return { bytes: await readFile(path), isOld: Math.max(mtimeMs, ctimeMs) < started }
  }

  /** Tries again, as long as the image is not at fault. */
  async function patiently<T>(work: () => Promise<T>, isForNow: (error: unknown) => boolean): Promise<T> {
    for (;;) {
      try {
        return await work()
      } catch (error) {
        if (!isForNow(error)) throw error
        failure = httpErrorOf(error).message
        await sleep(PAUSE, undefined, { signal })
      }
    }
  }

  async function take({ path, reason }: WatchedImage): Promise<void> {
    const imageName = relative(folder, path).split(sep).join('/')
    try {
      if (reason !== undefined) throw new HttpError(422, 'INVALID_DATA', reason)
      const { bytes, isOld } = await read(path)
      if (!(await watch.isCurrent(path))) return
      const imageDigest = createHash('sha256').update(bytes).digest('hex')
      const isKnown = isOld && (await patiently(() => isStored({ product, imageName, imageDigest }), always))
      if (!isKnown) {
        await patiently(() => service.inspect({ product, image: bytes, name: imageName, map: 'none' }), isForNow)
        inspected += 1
      }
      watch.scored(path)
      failure = null
    } catch (error) {
      // What may be half-written comes again.
      if (signal.aborted || !watch.failed(path)) return
      refused += 1
      failure = `${imageName}: ${httpErrorOf(error).message}`
      tell(`${failure}; it is not inspected`)
    }
  }

  const running = (async () => {
    for (;;) {
      const some = await watch.next(atOnce)
      if (some.length === 0) return
      await Promise.all(some.map(take))
    }
  })().catch((error: unknown) => {
    failure = error instanceof Error ? error.message : String(error)
    tell(failure)
  })
  return {
    state: () => ({ name, product, inspected, refused, missed: watch.missed, failure }),
    async close() {
      closing.abort()
      await running
    },
  }
}

/** There is no room, or no version to inspect with. */
function isForNow(error: unknown): boolean {
  return (error instanceof HttpError && error.code === 'BUSY') || isTabError(error, 'NOT_FOUND')
}

function always(): boolean {
  return true
}
