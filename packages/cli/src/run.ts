import { CommanderError } from 'commander'
import { isTabError } from '@tab/core'
import { nameFlags } from './commands/name-flags.ts'
import { describeError, errorLine } from './describe-error.ts'
import { EXIT, type ExitStatus } from './exit-status.ts'
import { createProgram } from './program.ts'
import { outputFailure } from './terminal/output-failure.ts'
import type { Terminal } from './terminal/terminal.ts'

/**
 * Runs the `tab` command and resolves to its exit status; never throws and never ends the process.
 * @param args the words after `tab`
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.ok
  const { HF_HUB_OFFLINE } = process.env
  try {
    const program = createProgram(terminal, (found) => (status = found))
    await program.parseAsync([...args], { from: 'user' })
    return status
  } catch (error) {
    // Commander has already printed its message, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (isTabError(error, 'ABORTED') && terminal.signal.aborted) {
      // What became of the output is said by who sees it, at the end of the process.
      if (!outputFailure(terminal.signal)) terminal.stderr.write('stopped\n')
      return EXIT.interrupted
    }
    const described = describeError(error)
    terminal.stderr.write(described.isDefect ? errorLine(described) : nameFlags(errorLine(described)))
    return described.isDefect ? EXIT.internal : EXIT.failure
  } finally {
    // --offline is of this run alone.
    if (HF_HUB_OFFLINE === undefined) delete process.env['HF_HUB_OFFLINE']
    else process.env['HF_HUB_OFFLINE'] = HF_HUB_OFFLINE
  }
}
