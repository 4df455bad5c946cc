import { CommanderError } from 'commander'
import { isTabError } from '@tab/core'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { createProgram } from './program.ts'
import type { Terminal } from './terminal/terminal.ts'

/**
 * Runs the `tab` command and resolves to its exit status; never throws and never ends the process.
 * @param args the words after `tab`
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.ok
  const program = createProgram(terminal, (found) => (status = found))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return status
  } catch (error) {
    // Commander has already printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (isTabError(error, 'ABORTED')) {
      terminal.stderr.write('stopped\n')
      return EXIT.interrupted
    }
    terminal.stderr.write(`tab: ${describe(error)}\n`)
    return EXIT.failure
  }
}

/** A known error, or one of the operating system such as a full disk, in its own words; an unknown one, which is our defect, with its stack. */
function describe(error: unknown): string {
  if (isTabError(error)) return error.message
  if (error instanceof Error && 'syscall' in error) return error.message
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
