import { execFileSync, spawnSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A cluster of PostgreSQL in a temporary folder. */
export interface Postgres {
  /** With its password. */
  readonly url: string
  /** Runs a statement. */
  sql(text: string): void
  /** As a plug that is pulled. */
  halt(): void
  /** After {@link halt}. */
  start(): void
  stop(): Promise<void>
}

const DEBIAN = '/usr/lib/postgresql'

/** Folder of Debian's newest PostgreSQL; undefined where there is none. */
export function postgresFolder(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(DEBIAN, version, 'bin')).find((folder) => existsSync(join(folder, 'initdb')))
}

/** Starts one. PostgreSQL does not run as root: there it runs as the user `postgres` that its package makes. */
export async function startPostgres(bin: string): Promise<Postgres> {
  const folder = await mkdtemp(join(tmpdir(), 'tab-postgres-'))
  const isRoot = process.getuid?.() === 0
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const user = isRoot ? { uid: idOf('-u'), gid: idOf('-g') } : {}
  const password = join(folder, 'password')
  writeFileSync(password, 'secret\n')
  if (user.uid !== undefined) for (const path of [folder, password]) chownSync(path, user.uid, user.gid)
  const call = (command: string, args: readonly string[]): void => {
    const { status, stderr } = spawnSync(join(bin, command), args, {
      ...user,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    if (status !== 0) throw new Error(`${command}: ${stderr}`)
  }
  const data = join(folder, 'data')
  const port = await freePort()
  const log = join(folder, 'log')
  const settings = `-p ${port} -k ${folder} -c listen_addresses=127.0.0.1 -c fsync=off`
  const start = (): void => call('pg_ctl', ['-D', data, '-o', settings, '-l', log, '-w', 'start'])
  const halt = (): void => call('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop'])
  call('initdb', ['-D', data, '-A', 'scram-sha-256', '-U', 'tab', `--pwfile=${password}`, '--no-sync'])
  start()
  const url = `postgres://tab:secret@127.0.0.1:${port}/postgres`
  return {
    ...{ url, halt, start },
    sql: (text) => call('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', '-c', text]),
    async stop() {
      halt()
      await rm(folder, { recursive: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
