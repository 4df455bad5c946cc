import { TabError } from '@tab/core'
import type { OrtModule } from '../ort.ts'

/**
 * Loads onnxruntime-node.
 * @throws MISSING_DEPENDENCY when it is not installed or does not run on this platform
 */
export async function loadOrt(): Promise<OrtModule> {
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
