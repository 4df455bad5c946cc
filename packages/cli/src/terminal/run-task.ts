import type { Progress } from '@tab/core'
import { nameFlags } from '../commands/name-flags.ts'
import { VERSION } from '../version.ts'
import { progressDisplay, type ProgressDisplay } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** What a task of the pipeline takes from the command line. */
export interface CommandTask {
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  readonly onNote: (note: string) => void
  readonly madeBy: string
}

/** Runs a task with its progress and its notes on standard error, which stand on lines of their own. */
export async function runTask<T>(
  { stderr, signal }: Terminal,
  run: (task: CommandTask, progress: ProgressDisplay) => Promise<T>,
): Promise<T> {
  const progress = progressDisplay(stderr)
  const onNote = (note: string): void => {
    progress.stop()
    stderr.write(`${nameFlags(note)}\n`)
  }
  try {
    return await run(
      { signal, onNote, onProgress: (step) => progress.report(step), madeBy: `tab ${VERSION}` },
      progress,
    )
  } finally {
    progress.stop()
  }
}
