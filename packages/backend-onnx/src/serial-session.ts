import { TabError, turnOffTelemetry } from '@tab/core'
import { queueOf } from './call-queue.ts'
import type { OrtModule, OrtSession, OrtSessionOptions, OrtTensor } from './ort.ts'

type Values = Readonly<Record<string, OrtTensor>>

/** A session that runs one call at a time, and is released after the last. */
export interface SerialSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(feeds: Values, fetches: readonly string[]): Promise<Values>
  dispose(): void
}

/** Threads that spin after a run occupy the cores that the next session needs: a search directly after an extraction took twice as long. */
const QUIET = { session: { force_spinning_stop: '1' } }

/**
 * Opens a model.
 * @throws INVALID_DATA when ONNX Runtime cannot load it
 */
export async function openSession(
  where: string,
  ort: OrtModule,
  model: Uint8Array,
  options: OrtSessionOptions,
): Promise<SerialSession> {
  const queue = queueOf(ort)
  let session: OrtSession
  turnOffTelemetry() // here too, for when the caller imported onnxruntime-node: telemetry starts with the first session
  try {
    session = await queue(() => ort.InferenceSession.create(model, { extra: QUIET, ...options }))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('INVALID_DATA', { where, message: `ONNX Runtime cannot load the model: ${reason}`, cause })
  }
  let disposed = false
  return {
    inputNames: session.inputNames,
    outputNames: session.outputNames,
    run(feeds, fetches) {
      if (disposed) return Promise.reject(new TabError('DISPOSED', { where, message: 'used after dispose()' }))
      return queue(() => session.run(feeds, fetches))
    },
    dispose() {
      if (disposed) return
      disposed = true
      // Nobody waits for the release, so nobody could handle its failure.
      void queue(() => session.release()).catch(() => undefined)
    },
  }
}
