import { TabError } from '@tab/core'

/** What is used of tfjs's WebGPU backend; typed here, as its package is optional. */
export interface DeviceBackend {
  readonly device: {
    readonly limits: { readonly maxStorageBuffersPerShaderStage: number }
    readonly lost: Promise<{ readonly reason: string; readonly message: string }>
    addEventListener(
      type: 'uncapturederror',
      listener: (event: { readonly error: { readonly message: string } }) => void,
    ): void
  }
  /** Values of a tensor. */
  read(dataId: object): Promise<unknown>
}

interface DeviceState {
  /** First error since the engine was chosen. */
  error?: string | undefined
  /** Why the device is gone; nothing brings it back. */
  lost?: string
}

const STATE: unique symbol = Symbol.for('tab.webgpu-device') as never

/**
 * Makes reading a value an error from the moment the device reports one or is lost: WebGPU itself continues with a buffer of arbitrary
 * content. As a training step reads its loss, and a detector its scores, each fails with the reason. Watching again forgets an error, as
 * choosing the engine again does, but not a lost device.
 */
export function watchDevice(backend: DeviceBackend & { [STATE]?: DeviceState }): void {
  if (backend[STATE]) {
    backend[STATE].error = undefined
    return
  }
  const state: DeviceState = {}
  backend[STATE] = state
  backend.device.addEventListener('uncapturederror', ({ error }) => {
    state.error ??= error.message
  })
  void backend.device.lost.then(({ reason, message }) => {
    state.lost = message || reason
  })
  const read = backend.read.bind(backend)
  backend.read = async (dataId) => {
    let values: unknown
    try {
      values = await read(dataId)
    } catch (cause) {
      throw failureOf(state, cause)
    }
    if (state.error !== undefined || state.lost !== undefined) throw failureOf(state)
    return values
  }
}

function failureOf({ error, lost }: DeviceState, cause?: unknown): TabError {
  const message =
    lost !== undefined
      ? `the graphics device was lost (${lost}): start the program anew, or select another engine`
      : `the graphics device failed, so nothing that it computed can be trusted: ${firstLine(error ?? String(cause))}`
  return new TabError('UNSUPPORTED', { where: 'webgpu', message, cause })
}

const firstLine = (text: string): string => text.split('\n')[0] ?? ''
