import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ServerSpec } from '@tab/server'
import { FROM_SOURCE } from '../../../test/from-source.ts'

/** A server in a process of its own: what runs in production, and what can be killed. */
export interface ServerProcess {
  readonly url: string
  /** Stops it as a service manager does. @returns its exit status */
  stop(): Promise<number | null>
  /** As the machine's memory or a plug does. */
  kill(): Promise<void>
}

/** @throws what the process wrote to standard error, where it ends before it listens */
export async function startServer(spec: ServerSpec): Promise<ServerProcess> {
  const file = fileURLToPath(new URL('start-server.mjs', import.meta.url))
  const child = spawn(process.execPath, [
    ...(process.env['TAB_DIST'] === '1' ? [] : FROM_SOURCE),
    file,
    JSON.stringify({ port: 0, ...spec }),
  ])
  const ended = once(child, 'exit') as Promise<[number | null]>
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>
  const first = await Promise.race([line, ended])
  if (typeof first[0] !== 'string') throw new Error(said)
  return {
    url: first[0],
    async stop() {
      child.kill('SIGTERM')
      return (await ended)[0]
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
