import type { OrtModule } from './ort.ts'

/** Makes calls one at a time, in their order; one that fails does not stop the next. */
export type CallQueue = <T>(call: () => Promise<T>) => Promise<T>

function callQueue(): CallQueue {
  let last: Promise<unknown> = Promise.resolve()
  return (call) => {
    const result = last.then(call)
    last = result.catch(() => undefined)
    return result
  }
}

const ofRuntimes = new WeakMap<OrtModule, CallQueue>()

/**
 * The queue of a session's calls. onnxruntime-web has one stack for all sessions, on which it keeps arguments while it awaits: two of its sessions that run, open
 * or close at the same time overwrite each other's. So all sessions of a runtime share a queue, except where each has its own native threads.
 */
export function queueOf(ort: OrtModule): CallQueue {
  if (ort.env?.versions?.node !== undefined) return callQueue()
  const known = ofRuntimes.get(ort) ?? callQueue()
  ofRuntimes.set(ort, known)
  return known
}
