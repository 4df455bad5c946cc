/** What the command's exit status means; wrong usage is EX_USAGE of sysexits.h, so that 2 can say "anomalous". */
export const EXIT = { ok: 0, failure: 1, anomalous: 2, notJudged: 3, usage: 64, interrupted: 130 } as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]
