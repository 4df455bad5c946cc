import type { Progress } from '@tab/core'
import cliProgress from 'cli-progress'
import type { OutputStream } from './terminal.ts'

/** Shows the progress of one long task: a bar on a terminal, plain lines elsewhere. */
export interface ProgressDisplay {
  /** @param detail what the task says of itself at this place; with it, lines come more often */
  report(progress: Progress, detail?: string): void
  /** Ends the display; what is written next stands on a line of its own. */
  stop(): void
}

const LINE_SHARE = 0.25 // without a terminal: a line at each quarter of a phase
const DETAIL_SHARE = 0.05

/** A display on `stream`. */
export function progressDisplay(stream: OutputStream): ProgressDisplay {
  return stream.isTTY ? barDisplay(stream) : lineDisplay(stream)
}

function barDisplay(stream: OutputStream): ProgressDisplay {
  let phase = ''
  let bar: cliProgress.SingleBar | undefined
  return {
    report(progress, detail = '') {
      if (progress.phase !== phase || !bar) {
        bar?.stop()
        phase = progress.phase
        bar = new cliProgress.SingleBar({
          format: '{phase} {bar} {value}/{total} {eta_formatted} {detail}',
          barsize: detail === '' ? 30 : 16, // the line is cut at the terminal's edge
          hideCursor: true,
          linewrap: false,
          stream: stream as NodeJS.WriteStream,
          barCompleteChar: '█',
          barIncompleteChar: '░',
        })
        bar.start(progress.total ?? progress.done, progress.done, {
          phase: phase.padEnd(detail === '' ? 16 : 0),
          detail,
        })
      }
      if (progress.total !== undefined) bar.setTotal(progress.total)
      bar.update(progress.done, { detail })
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
  let begun = { at: 0, done: 0 }
  return {
    report({ phase: current, done, total }, detail) {
      const share = detail === undefined ? LINE_SHARE : DETAIL_SHARE
      if (current !== phase) {
        phase = current
        nextShare = share
        begun = { at: performance.now(), done }
        if (total === undefined) stream.write(`${phase} ...\n`)
      }
      if (total === undefined || total === 0 || done / total < nextShare) return
      nextShare = (Math.floor(done / total / share + 1e-9) + 1) * share
      const left = ((performance.now() - begun.at) / (done - begun.done)) * (total - done)
      const eta = detail !== undefined && Number.isFinite(left) ? `, ${duration(left)} left` : ''
      stream.write(`${phase} ${done}/${total}${detail === undefined ? '' : `  ${detail}`}${eta}\n`)
    },
    stop() {},
  }
}

/** Milliseconds as the bar writes its estimate. */
function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes}m${seconds % 60}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m`
}
