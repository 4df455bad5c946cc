import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseSpec } from '@tab/pipeline'
import * as z from 'zod'
import { SOURCE_SPEC, type SourceSpec } from './sources/source-spec.ts'
import { SINK_SPEC, type SinkSpec } from './sinks/sink-spec.ts'

/** What becomes of results where the store cannot keep up. */
export type StorePolicy = 'block' | 'drop-oldest'

/** What a server serves, where, and within which bounds; plain JSON. */
export interface ServerSpec {
  /** Folder of products: a folder for each, with a detector file for each version in it. */
  readonly products: string
  /** Folder of the server's own files: store, copies of detector files, kept images. Default `.tab-server` in `products`. */
  readonly state?: string | undefined
  /** URL of a PostgreSQL database. Default: an embedded one in `state`. */
  readonly database?: string | undefined
  /** Address to listen at. Others than loopback need a `token`, or `insecure`. Default `127.0.0.1`. */
  readonly host?: string | undefined
  /** 0 takes a free one. Default 8000. */
  readonly port?: number | undefined
  /** What clients must send as `Authorization: Bearer TOKEN`. */
  readonly token?: string | undefined
  /** Serve an address that is not loopback without a token. Default false. */
  readonly insecure?: boolean | undefined
  /** Threads that inspect. Default: one for each processor. */
  readonly threads?: number | undefined
  /** Images that may wait for a thread; the next is answered with 503. Default 64. */
  readonly queue?: number | undefined
  /** MiB of detector files open at once, over all threads. Default 1024. */
  readonly memory?: number | undefined
  /** Bounds of one request. */
  readonly limits?: { readonly [Limit in keyof RequestLimits]?: RequestLimits[Limit] | undefined } | undefined
  /** Folders that images may be read from by their path. Default: none. */
  readonly folders?: readonly string[] | undefined
  /**
   * `block`: an answer is sent once its result is stored, and a full queue of results is answered with 503. `drop-oldest`: answers never wait, and results
   * that the store cannot take are dropped and counted. Default `drop-oldest`.
   */
  readonly storePolicy?: StorePolicy | undefined
  /** Results that may wait for the store. Default 10000. */
  readonly storeQueue?: number | undefined
  /** Where images come from besides requests. Default: nowhere. */
  readonly sources?: readonly SourceSpec[] | undefined
  /** Judge no picture whose focus, exposure or size is outside of that of the good images. Default true. */
  readonly checkPictures?: boolean | undefined
  /** Who is told of every result. Default: nobody. */
  readonly sinks?: readonly SinkSpec[] | undefined
  /** Days that results and feedback are kept. Default 90. */
  readonly keepDays?: number | undefined
  /** Probability of ever telling that good parts have changed while they have not, for each version served. Default 0.001. */
  readonly driftFalseAlarmRate?: number | undefined
  /** Keep the bytes of inspected images, so that feedback can be exported as a data set. Default false. */
  readonly keepImages?: boolean | undefined
}

/** Bounds of one request. */
export interface RequestLimits {
  /** Of a body. Default 32 MiB. */
  readonly bytes: number
  /** Of a decoded image. Default 64 million. */
  readonly pixels: number
  /** From a request's arrival to its answer; a thread that takes longer is replaced. Default 30. */
  readonly seconds: number
}

type Optional = 'database' | 'token'
/** A spec with all defaults. */
export type ServerSettings = Pick<ServerSpec, Optional> & {
  readonly [Field in Exclude<keyof ServerSpec, Optional | 'limits'>]-?: Exclude<ServerSpec[Field], undefined>
} & { readonly limits: RequestLimits }

const path = z.string().min(1)
const atLeastOne = z.int().min(1)

export const SERVER_SPEC: z.ZodType<ServerSpec> = z.strictObject({
  products: path,
  state: path.optional(),
  database: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected a URL postgres://...')
    .optional(),
  host: path.optional(),
  port: z.int().min(0).max(65_535).optional(),
  token: z.string().min(16, 'expected at least 16 characters').optional(),
  insecure: z.boolean().optional(),
  threads: atLeastOne.max(256).optional(),
  queue: z.int().min(0).optional(),
  memory: atLeastOne.optional(),
  limits: z
    .strictObject({
      bytes: atLeastOne.optional(),
      pixels: atLeastOne.optional(),
      seconds: z.number().gt(0).max(3600).optional(),
    })
    .optional(),
  folders: z.array(path).optional(),
  storePolicy: z.enum(['block', 'drop-oldest']).optional(),
  storeQueue: atLeastOne.optional(),
  sources: z.array(SOURCE_SPEC).optional(),
  sinks: z.array(SINK_SPEC).optional(),
  checkPictures: z.boolean().optional(),
  keepDays: z.number().gt(0).optional(),
  driftFalseAlarmRate: z.number().gt(0).lt(1).optional(),
  keepImages: z.boolean().optional(),
})

/** @throws INVALID_ARGUMENT naming each field that is wrong */
export function settingsOf(value: unknown): ServerSettings {
  const spec = parseSpec(SERVER_SPEC, value)
  return {
    products: spec.products,
    state: spec.state ?? join(spec.products, '.tab-server'),
    database: spec.database,
    host: spec.host ?? '127.0.0.1',
    port: spec.port ?? 8000,
    token: spec.token,
    insecure: spec.insecure ?? false,
    threads: spec.threads ?? availableParallelism(),
    queue: spec.queue ?? 64,
    memory: spec.memory ?? 1024,
    limits: { bytes: 32 * 2 ** 20, pixels: 64e6, seconds: 30, ...defined(spec.limits) },
    folders: spec.folders ?? [],
    storePolicy: spec.storePolicy ?? 'drop-oldest',
    storeQueue: spec.storeQueue ?? 10_000,
    sources: spec.sources ?? [],
    sinks: spec.sinks ?? [],
    checkPictures: spec.checkPictures ?? true,
    keepDays: spec.keepDays ?? 90,
    driftFalseAlarmRate: spec.driftFalseAlarmRate ?? 0.001,
    keepImages: spec.keepImages ?? false,
  }
}

function defined<T extends object>(value: T = {} as T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never
}
