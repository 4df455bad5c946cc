import { Command } from 'commander'
import { diagnose, type Diagnosis, type Finding } from '@tab/pipeline/node'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { VERSION } from '../version.ts'

/** `tab doctor`: which engines and packages work here, how fast, and what to install for the others. */
export function doctorCommand({ stdout, stderr, signal }: Terminal, setStatus: (status: ExitStatus) => void): Command {
  return new Command('doctor')
    .description('Tell which engines work here, their versions and speed, and what to install for the others.')
    .option('--json', 'print JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab doctor\n\nIt takes a few seconds. Exit status 1 when something that commands need does not work.',
    )
    .action(async ({ json }: { json: boolean }) => {
      const progress = progressDisplay(stderr)
      const diagnosis = await diagnose({ signal, onProgress: progress.report }).finally(() => progress.stop())
      stdout.write(json ? `${JSON.stringify({ tab: VERSION, ...diagnosis }, null, 2)}\n` : textOf(diagnosis))
      if (diagnosis.findings.some(({ required, version }) => required && version === undefined)) setStatus(EXIT.failure)
    })
}

function textOf(diagnosis: Diagnosis): string {
  const { node, system, processor, cores, memoryGiB, hubCache, offline, onnxRuntimeTelemetry, findings } = diagnosis
  const width = Math.max(...findings.map(({ name }) => name.length))
  const lines = [
    `tab ${VERSION}, Node ${node}, ${system}`,
    `${processor}, ${cores} cores, ${memoryGiB.free} of ${memoryGiB.total} GiB free`,
    `models of the hub: ${hubCache}${offline ? ', works offline' : ''}`,
    `telemetry of ONNX Runtime: ${onnxRuntimeTelemetry ? 'on, as ORT_DISABLE_TELEMETRY says' : 'off'}`,
    '',
    ...findings.map((finding) => lineOf(finding, width)),
  ]
  return `${lines.join('\n')}\n`
}

function lineOf({ name, version, detail, speed, reason, remedy }: Finding, width: number): string {
  const label = name.padEnd(width)
  if (version === undefined) return `--  ${label}  ${reason}; ${remedy}`
  return `ok  ${label}  ${[version, detail, speed].filter(Boolean).join(', ')}`
}
