import type { Progress } from '@tab/core'
import cliProgress from 'cli-progress'
import type { OutputStream } from './terminal.ts'

/** Shows the progress of one long task: a bar on a terminal, plain lines elsewhere. */
export interface ProgressDisplay {
  report(progress: Progress): void
  /** Ends the display; what is written next stands on a line of its own. */
  stop(): void
}

const LINE_SHARE = 0.25 // without a terminal: a line at each quarter of a phase

/** A display on `stream`. */
export function progressDisplay(stream: OutputStream): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream) : lineDisplay(stream)
}

function barDisplay(stream: OutputStream): ProgressDisplay {
  let phase = ''
  let bar: cliProgress.SingleBar | undefined
  return {
    report(progress) {
      if (progress.phase !== phase || !bar) {
        bar?.stop()
        phase = progress.phase
        bar = new cliProgress.SingleBar({
          format: '{phase} {bar} {value}/{total} {eta_formatted}',
          barsize: 30,
          hideCursor: true,
          linewrap: false,
          stream: stream as NodeJS.WriteStream,
          barCompleteChar: '█',
          barIncompleteChar: '░',
        })
        bar.start(progress.total ?? progress.done, progress.done, { phase: phase.padEnd(16) })
      }
      if (progress.total !== undefined) bar.setTotal(progress.total)
      bar.update(progress.done)
    },
    stop() {
      bar?.stop()
      bar = undefined
    },
  }
}

function lineDisplay(stream: OutputStream): ProgressDisplay {
  let phase = ''
  let nextShare = 0
  return {
    report({ phase: current, done, total }) {
      if (current !== phase) {
        phase = current
        nextShare = LINE_SHARE
        if (total === undefined) stream.write(`${phase} ...\n`)
      }
      if (total === undefined || total === 0 || done / total < nextShare) return
      nextShare = Math.floor(done / total / LINE_SHARE + 1) * LINE_SHARE
      stream.write(`${phase} ${done}/${total}\n`)
    },
    stop() {},
  }
}
