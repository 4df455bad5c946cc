/**
 * What the exit status of every command means. Wrong usage and internal defects are EX_USAGE and EX_SOFTWARE of sysexits.h, so that 2 and 3
 * are free for what `tab predict` found; a reader that went away is told as by a shell, 128 + SIGPIPE.
 */
export const EXIT = {
  /** Done; for `predict` and `evaluate`: every image was judged, and for `predict` all are good. */
  ok: 0,
  /** Failed by data, files or the network, or nothing could be judged; the message says why. */
  failure: 1,
  /** `predict`: at least one image is anomalous. */
  anomalous: 2,
  /** Something was not judged: no threshold, images left out, a watch that lost its folder. */
  notJudged: 3,
  usage: 64,
  /** A defect of tab, told with its stack. */
  internal: 70,
  /** Stopped by ctrl-C. */
  interrupted: 130,
  /** Cut short as the reader of standard output went away (`| head`). */
  closedPipe: 141,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]
