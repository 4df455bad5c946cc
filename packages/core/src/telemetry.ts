import { environment } from './environment.ts'

/**
 * Turns off the telemetry of ONNX Runtime, unless `ORT_DISABLE_TELEMETRY` is already set; `ORT_DISABLE_TELEMETRY=0` keeps it on. Otherwise
 * onnxruntime-node 1.29 and later writes a device id and reports about models to the user's cache folder and looks up a collector. Call it
 * before the first session, and on the main thread: a worker's `process.env` is a copy that native code does not see. Outside Node it does nothing.
 * @example
 * ```ts
 * import { turnOffTelemetry } from '@tab/core'
 * turnOffTelemetry()
 * console.log(process.env['ORT_DISABLE_TELEMETRY']) // 1
 * ```
 */
export function turnOffTelemetry(): void {
  const variables = environment()
  if (variables) variables['ORT_DISABLE_TELEMETRY'] ??= '1'
}
