import { TabError, turnOffTelemetry } from '@tab/core'
import type { OrtModule } from '../ort.ts'

/**
 * Loads onnxruntime-node, with telemetry turned off unless `ORT_DISABLE_TELEMETRY` is 0.
 * @throws MISSING_DEPENDENCY when it is not installed or does not run on this platform
 * @example
 * ```ts
 * import { loadOrt } from '@tab/backend-onnx/node'
 *
 * const ort = await loadOrt()
 * console.log(typeof ort.InferenceSession.create) // function
 * ```
 */
export async function loadOrt(): Promise<OrtModule> {
  turnOffTelemetry()
  try {
    return (await import('onnxruntime-node')) as OrtModule
  } catch (cause) {
    throw new TabError('MISSING_DEPENDENCY', {
      where: 'loadOrt',
      message: 'onnxruntime-node cannot be loaded; install it with: npm install onnxruntime-node',
      cause,
    })
  }
}
