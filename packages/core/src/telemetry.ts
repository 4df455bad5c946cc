import { environment } from './environment.ts'

/**
 * Turns the telemetry of ONNX Runtime off, unless `ORT_DISABLE_TELEMETRY` already says something: onnxruntime-node 1.29 and later otherwise
 * writes a device id and reports about models to the user's cache folder and looks up a collector. It must be called before the runtime's
 * first session, and on the main thread: the `process.env` of a worker is a copy that native code does not see. Outside Node it does nothing.
 * With `ORT_DISABLE_TELEMETRY=0` the telemetry stays on.
 */
export function turnOffTelemetry(): void {
  const variables = environment()
  if (variables) variables['ORT_DISABLE_TELEMETRY'] ??= '1'
}
