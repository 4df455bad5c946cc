import { run } from '../src/run.ts'

export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command inside the test process. */
export async function runTab(
  args: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Outcome> {
  const text = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof text) => ({ write: (chunk: string) => void (text[name] += chunk) })
  const status = await run(args, { stdout: stream('stdout'), stderr: stream('stderr'), signal })
  return { status, ...text }
}
