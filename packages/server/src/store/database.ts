import { PGlite } from '@electric-sql/pglite'
import {
  Kysely,
  Migrator,
  PostgresDialect,
  type ColumnType,
  type Generated,
  type PostgresPool,
  type PostgresPoolClient,
} from 'kysely'
import pg from 'pg'
import type { RecordedChange } from '../products/product.ts'
import { MIGRATIONS } from './migrations.ts'
import type { FeedbackRow, ResultRow } from './rows.ts'

type Column<T> = { -readonly [Key in keyof T]: T[Key] extends Date ? ColumnType<Date, Date | string, Date> : T[Key] }

/** JSON is written as text: a driver would take an array for one of SQL. */
interface WithJson<Value> {
  readonly __select__: Value
  readonly __insert__: string | null
  readonly __update__: string | null
}

export interface Tables {
  results: Omit<Column<ResultRow>, 'regions'> & { regions: WithJson<ResultRow['regions']> }
  feedback: Omit<Column<FeedbackRow>, 'region'> & { region: WithJson<FeedbackRow['region']> }
  changes: Omit<Column<RecordedChange>, 'id'> & { id: Generated<number> }
}

export interface DatabasePlace {
  /** URL of PostgreSQL; null for the embedded one. */
  readonly url: string | null
  /** Folder of the embedded one. */
  readonly folder: string
}

/** Opens the database and brings its tables up to date. */
export async function openDatabase({ url, folder }: DatabasePlace): Promise<Kysely<Tables>> {
  const pool = url === null ? embeddedPool(await PGlite.create(folder)) : pooled(url)
  const database = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  try {
    const migrator = new Migrator({ db: database, provider: { getMigrations: async () => MIGRATIONS } })
    const { error } = await migrator.migrateToLatest()
    if (error !== undefined) throw error
    return database
  } catch (error) {
    await database.destroy()
    throw error
  }
}

function pooled(url: string): PostgresPool {
  const pool = new pg.Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 5000 })
  // An idle connection that the database ends: the pool makes another when it is asked, and without a listener the thread would end.
  pool.on('error', () => undefined)
  return pool
}

/** The embedded database as a pool of one connection, whose statements come one after another. Only migrations use transactions, before anything else. */
function embeddedPool(embedded: PGlite): PostgresPool {
  const client = {
    async query<Row>(statement: string, parameters: readonly unknown[]) {
      const { rows, affectedRows } = await embedded.query<Row>(statement, [...parameters])
      return { command: 'SELECT' as const, rowCount: affectedRows ?? rows.length, rows }
    },
    release: () => undefined,
  }
  return { connect: async () => client as PostgresPoolClient, end: () => embedded.close() }
}
