import { proxy, transfer, wrap, type Remote } from 'comlink'
import type {
  EngineApi,
  EngineInfo,
  Finding,
  Learned,
  LearnProgress,
  LearnRequest,
  Opened,
  Suspect,
} from './engine-api.ts'

/** The worker, seen from the page. */
export interface Engine {
  readonly info: Promise<EngineInfo>
  learn(request: LearnRequest, onProgress: (progress: LearnProgress) => void): Promise<Learned>
  /** Rejects when a fit begins before it is done. */
  compare(request: LearnRequest): Promise<readonly Suspect[] | null>
  open(file: Uint8Array, backbone?: Uint8Array): Promise<Opened>
  look(source: Blob | ImageBitmap, isDrawn: boolean): Promise<Finding>
  /** Ends it, whatever it does: WebAssembly that computes hears no message. What was asked of it rejects with {@link Stopped}. */
  stop(): void
}

/** Work that was ended by the user. */
export class Stopped extends Error {}

/** Starts the worker, which begins to load runtime and backbone. */
export function startEngine(): Engine {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'engine' })
  const remote: Remote<EngineApi> = wrap<EngineApi>(worker)
  let end: (reason: Error) => void = () => undefined
  const ended = new Promise<never>((_, reject) => (end = reject))
  ended.catch(() => undefined)
  worker.addEventListener('error', ({ message }) => end(new Error(message || 'the worker stopped')))
  const untilEnd = <T>(work: Promise<T>): Promise<T> => Promise.race([work, ended])
  return {
    info: untilEnd(remote.start()),
    learn: (request, onProgress) => untilEnd(remote.learn(request, proxy(onProgress))),
    compare: (request) => untilEnd(remote.compare(request)),
    open: (file, backbone) => untilEnd(remote.open(file, backbone) as Promise<Opened>),
    look: (source, isDrawn) =>
      untilEnd(remote.look(source instanceof Blob ? source : transfer(source, [source]), isDrawn)),
    stop() {
      worker.terminate()
      end(new Stopped('stopped'))
    },
  }
}
