import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { throwIfAborted, turnOffTelemetry, type LongTaskOptions } from '@tab/core'
import { hubOfEnvironment } from '@tab/weights/node'
import { examine, type Finding } from './finding.ts'
import { PROBES } from './probes.ts'

/** A machine, and what works on it. */
export interface Diagnosis {
  /** Version of Node. */
  readonly node: string
  /** Such as `linux x64`. */
  readonly system: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: { readonly free: number; readonly total: number }
  /** The folder of models of the hub. */
  readonly hubCache: string
  /** Whether settings forbid requests to the hub. */
  readonly offline: boolean
  /** Whether settings let ONNX Runtime collect telemetry. */
  readonly onnxRuntimeTelemetry: boolean
  readonly findings: readonly Finding[]
}

/**
 * Tries every engine and package that the tasks can run on: which work here, how fast, and what to install for the others. Takes a few seconds.
 * @throws ABORTED
 * @example
 * ```ts
 * import { diagnose } from '@tab/pipeline/node'
 *
 * const { findings } = await diagnose()
 * const amiss = findings.filter(({ required, version }) => required && version === undefined)
 * console.log(amiss.map(({ name, remedy }) => `${name}: ${remedy}`)) // []
 * ```
 */
export async function diagnose({ signal, onProgress }: LongTaskOptions = {}): Promise<Diagnosis> {
  turnOffTelemetry()
  const findings: Finding[] = []
  for (const [index, probe] of PROBES.entries()) {
    throwIfAborted('diagnose', signal)
    findings.push(await examine(probe))
    onProgress?.({ phase: 'examine', done: index + 1, total: PROBES.length })
  }
  const hub = hubOfEnvironment()
  return {
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: { free: gibi(freemem()), total: gibi(totalmem()) },
    hubCache: hub.cache,
    offline: hub.offline,
    onnxRuntimeTelemetry: !/^\s*(1|true|yes|on)\s*$/i.test(process.env['ORT_DISABLE_TELEMETRY'] ?? ''),
    findings,
  }
}

function gibi(bytes: number): number {
  return Math.round((bytes / 2 ** 30) * 10) / 10
}
