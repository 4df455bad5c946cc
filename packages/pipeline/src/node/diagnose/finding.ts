/** What is known of one engine or package. */
export interface Finding {
  readonly name: string
  /** Without it some command cannot work. */
  readonly required: boolean
  /** Undefined where it does not work. */
  readonly version: string | undefined
  /** Threads, providers and the like; undefined where there is nothing to say. */
  readonly detail: string | undefined
  readonly speed: string | undefined
  /** Why it does not work. */
  readonly reason: string | undefined
  /** What to do about it. */
  readonly remedy: string | undefined
}

/** Looks for one thing. */
export interface Probe {
  readonly name: string
  readonly required: boolean
  /** The command that installs it. */
  readonly remedy: string
  /** @throws Error with the reason when it does not work */
  look(): Promise<{ readonly version: string; readonly detail?: string; readonly speed?: string }>
}

/** Looks, and turns a failure into a finding. */
export async function examine({ name, required, remedy, look }: Probe): Promise<Finding> {
  const nothing = { version: undefined, detail: undefined, speed: undefined, reason: undefined, remedy: undefined }
  try {
    return { ...nothing, name, required, ...(await look()) }
  } catch (error) {
    return { ...nothing, name, required, reason: reasonOf(error), remedy }
  }
}

/** The first line, without the advice and the paths of this program's files that it may hold. */
function reasonOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return first.replace(/; install it with: .*$/, '').replace(/ imported from [^)]*/, '')
}

const BUDGET = 300 // ms

/** Milliseconds that a piece of work takes, the mean over a third of a second after a first time. */
export async function millisecondsOf(work: () => Promise<unknown>): Promise<number> {
  await work()
  const start = performance.now()
  let times = 0
  do {
    await work()
    times++
  } while (performance.now() - start < BUDGET)
  return (performance.now() - start) / times
}
