import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { OutputStream } from './terminal.ts'

/** Why nothing more can be written to standard output, as the reason for which a run was stopped. */
class OutputFailure extends Error {
  override readonly cause: NodeJS.ErrnoException
  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message)
    this.cause = cause
  }
}

/** What stopped a run, where it was its standard output: a reader that went away (`EPIPE`), a full disk. */
export function outputFailure({ reason }: AbortSignal): NodeJS.ErrnoException | undefined {
  return reason instanceof OutputFailure ? reason.cause : undefined
}

/** Waits until a stream takes more, so that a slow reader does not fill the memory. */
export async function drained(stream: OutputStream): Promise<void> {
  if (!stream.writableNeedDrain || !stream.once) return
  await new Promise<void>((resolve) => {
    stream.once?.('drain', resolve)
    stream.once?.('error', () => resolve()) // which stops the run by its signal
    stream.once?.('close', resolve)
  })
}

/**
 * Stops a run whose standard output takes nothing more: scoring goes on for nobody. What cannot be written to standard error is dropped.
 * @returns gives the status with which the process ends, once all that was printed is out
 */
export function guardOutput(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
  controller: AbortController,
): (status: ExitStatus) => Promise<ExitStatus> {
  let failure: NodeJS.ErrnoException | undefined
  stdout.on('error', (error) => {
    failure ??= error
    controller.abort(new OutputFailure(error))
  })
  stderr.on('error', () => undefined)
  return async (status) => {
    await new Promise<void>((resolve) => stdout.write('', () => resolve()))
    if (!failure) return status
    // A command that had ended its work and saved its results keeps its status; one that was cut short has none to tell.
    if (failure.code === 'EPIPE') return status === EXIT.interrupted ? EXIT.closedPipe : status
    stderr.write(`tab: standard output: ${failure.message}\n`)
    return EXIT.failure
  }
}
