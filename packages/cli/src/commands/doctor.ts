import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { throwIfAborted, turnOffTelemetry } from '@tab/core'
import { Command } from 'commander'
import { examine, type Finding } from '../doctor/finding.ts'
import { PROBES } from '../doctor/probes.ts'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { hubOfEnvironment } from '@tab/weights/node'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'

/** `tab doctor`: which engines and packages work here, how fast, and what to install for the others. */
export function doctorCommand(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  return new Command('doctor')
    .description('Tell which engines work here, their versions and speed, and what to install for the others.')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab doctor\n\nIt takes a few seconds. Exit status 1 when something that commands need does not work.',
    )
    .action(async ({ json }: { json: boolean }) => {
      if (await runDoctor(json, terminal)) setStatus(EXIT.failure)
    })
}

/** Whether something is amiss. */
async function runDoctor(json: boolean, { stdout, stderr, signal }: Terminal): Promise<boolean> {
  const progress = progressDisplay(stderr)
  const findings: Finding[] = []
  const hub = hubOfEnvironment()
  turnOffTelemetry()
  const platform = {
    tab: VERSION,
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: { free: gibi(freemem()), total: gibi(totalmem()) },
    hubCache: hub.cache,
    offline: hub.offline,
    onnxRuntimeTelemetry: !/^\s*(1|true|yes|on)\s*$/i.test(process.env['ORT_DISABLE_TELEMETRY'] ?? ''),
  }
  try {
    for (const [index, probe] of PROBES.entries()) {
      throwIfAborted('tab doctor', signal)
      findings.push(await examine(probe))
      progress.report({ phase: 'examine', done: index + 1, total: PROBES.length })
    }
  } finally {
    progress.stop()
  }
  if (json) stdout.write(`${JSON.stringify({ ...platform, findings }, null, 2)}\n`)
  else {
    const { free, total } = platform.memoryGiB
    stdout.write(`tab ${VERSION}, Node ${platform.node}, ${platform.system}\n`)
    stdout.write(`${platform.processor}, ${platform.cores} cores, ${free} of ${total} GiB free\n`)
    stdout.write(`models of the hub: ${platform.hubCache}${platform.offline ? ', works offline' : ''}\n`)
    const telemetry = platform.onnxRuntimeTelemetry ? 'on, as ORT_DISABLE_TELEMETRY says' : 'off'
    stdout.write(`telemetry of ONNX Runtime: ${telemetry}\n\n`)
    const width = Math.max(...findings.map(({ name }) => name.length))
    for (const finding of findings) stdout.write(`${lineOf(finding, width)}\n`)
  }
  return findings.some(({ required, version }) => required && version === undefined)
}

function lineOf({ name, version, detail, speed, reason, remedy }: Finding, width: number): string {
  const label = name.padEnd(width)
  if (version === undefined) return `--  ${label}  ${reason}; ${remedy}`
  return `ok  ${label}  ${[version, detail, speed].filter(Boolean).join(', ')}`
}

function gibi(bytes: number): number {
  return Math.round((bytes / 2 ** 30) * 10) / 10
}
