import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import type { ThreadPool } from '../inspection/thread-pool.ts'
import type { Metrics } from '../metrics.ts'
import type { Catalog } from '../products/catalog.ts'
import type { DriftWatch } from '../products/drift-watch.ts'
import type { Sinks } from '../sinks/sinks.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/store.ts'

export interface Health {
  /** Null where images are taken; otherwise why they are not. */
  notReady(): string | null
  details(): z.infer<typeof DETAILS>
}

const DETAILS = z.object({
  ready: z.boolean(),
  reason: z.string().nullable(),
  products: z.array(
    z.object({
      name: z.string(),
      active: z.string().nullable(),
      reason: z.string().nullable().describe('Why none is active.'),
      drift: z
        .object({ seen: z.number(), evidence: z.number(), hasDrifted: z.boolean() })
        .nullable()
        .describe('Whether parts that pass still look like those of the fit; null without a calibration.'),
    }),
  ),
  atWork: z.number().describe('Images that are inspected or wait.'),
  threadsLost: z.number().describe('Threads that died or took too long, since the start.'),
  store: z.object({
    waiting: z.number(),
    dropped: z.number().describe('Results that were never stored, since the start.'),
    failure: z.string().nullable().describe('Why it takes no results at present.'),
  }),
  sinks: z.array(
    z.object({
      name: z.string(),
      waiting: z.number(),
      dropped: z.number().describe('Results that never arrived, since the start.'),
      failure: z.string().nullable().describe('Why it takes nothing at present.'),
    }),
  ),
  sources: z.array(
    z.object({
      name: z.string(),
      product: z.string(),
      inspected: z.number(),
      refused: z.number().describe('Images that were given up, as they cannot be read or scored.'),
      missed: z.boolean().describe('Whether images may have passed unseen.'),
      failure: z.string().nullable().describe('What its last image waits for, or why it brings none.'),
    }),
  ),
  notes: z.array(z.string()).describe('What a person should know, newest last.'),
})

export interface HealthParts {
  readonly catalog: Catalog
  readonly pool: ThreadPool
  readonly store: Store
  readonly drift: DriftWatch
  readonly sinks: Sinks
  readonly sources: readonly Source[]
  readonly notes: () => readonly string[]
  readonly isStopping: () => boolean
}

export function createHealth({ catalog, pool, store, drift, sinks, sources, notes, isStopping }: HealthParts): Health {
  const products = (): z.infer<typeof DETAILS>['products'] =>
    catalog.names().map((name) => {
      try {
        const serving = catalog.serving(name)
        const state = drift.state(serving)
        return {
          name,
          active: serving.version.name,
          reason: null,
          drift: state && { seen: state.seen, evidence: state.evidence, hasDrifted: state.hasDrifted },
        }
      } catch (error) {
        return { name, active: null, reason: (error as Error).message, drift: null }
      }
    })
  const notReady = (): string | null => {
    if (isStopping()) return 'the server is stopping'
    return products().some(({ active }) => active !== null) ? null : 'no product has a version that can be served'
  }
  return {
    notReady,
    details: () => {
      const reason = notReady()
      return {
        ready: reason === null,
        reason,
        products: products(),
        atWork: pool.atWork,
        threadsLost: pool.lost,
        store: { waiting: store.results.size, dropped: store.results.dropped, failure: store.results.failure },
        sinks: sinks.states(),
        sources: sources.map((source) => source.state()),
        notes: [...notes()],
      }
    },
  }
}

const LIVE = z.object({ live: z.literal(true) })
const READY = z.object({ ready: z.boolean() })
const tags = ['health']

/** `/livez`, `/readyz`, `/metrics` and the health that a person reads. */
export function healthRoutes(health: Health, { registry }: Metrics): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/livez',
      { schema: { summary: 'Whether the process answers', tags, response: { 200: LIVE } } },
      async () => ({
        live: true as const,
      }),
    )
    app.get(
      '/readyz',
      { schema: { summary: 'Whether images are taken', tags, response: { 200: READY, 503: READY } } },
      async (_, reply) => {
        const ready = health.notReady() === null
        return reply.status(ready ? 200 : 503).send({ ready })
      },
    )
    app.get('/v1/health', { schema: { summary: 'How the server is', tags, response: { 200: DETAILS } } }, async () =>
      health.details(),
    )
    app.get(
      '/metrics',
      { schema: { summary: 'Figures for Prometheus', tags, produces: ['text/plain'] } },
      async (_, reply) => reply.type(registry.contentType).send(await registry.metrics()),
    )
  }
}
