/** Where a command writes and by what it is stopped: passed in, so that a command can be run and tested inside a process. */
export interface Terminal {
  /** Results. */
  readonly stdout: OutputStream
  /** Progress, notes and errors. */
  readonly stderr: OutputStream
  readonly signal: AbortSignal
}

/** The part of a Node stream that the commands use. */
export interface OutputStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly writableNeedDrain?: boolean
  once?(event: 'drain' | 'error' | 'close', listener: () => void): unknown
}
