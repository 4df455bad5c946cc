import { TabError, turnOffTelemetry } from '@tab/core'
import type { OrtModule } from '../ort.ts'

/**
 * Loads onnxruntime-node, with its telemetry off unless `ORT_DISABLE_TELEMETRY` is set to 0.
 * @throws MISSING_DEPENDENCY when it is not installed or does not run on this platform
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
