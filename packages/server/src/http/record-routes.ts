import { randomUUID } from 'node:crypto'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import type { Store } from '../store/store.ts'
import { HttpError } from './http-error.ts'
import { FAILURE, FEEDBACK, productName, RECORDED_FEEDBACK, RESULT } from './schemas.ts'

const PARAMS = z.object({ product: productName })
const RESULTS_QUERY = z.object({
  product: z.string().optional(),
  verdict: z.enum(['good', 'anomalous', 'not-judged']).optional(),
  before: z.iso.datetime({ offset: true }).optional().describe('Only results before this time.'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
const tags = ['record']

/** What was found, and what people say of it. */
export function recordRoutes(store: Store): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/results',
      {
        schema: {
          summary: 'Results, newest first',
          tags,
          querystring: RESULTS_QUERY,
          response: { 200: z.array(RESULT), 400: FAILURE },
        },
      },
      async ({ query: { before, ...query } }) => {
        const rows = await store.listResults({ ...query, before: before === undefined ? undefined : new Date(before) })
        return rows.map((row) => ({ ...row, at: row.at.toISOString(), regions: [...row.regions] }))
      },
    )
    app.post(
      '/v1/products/:product/feedback',
      {
        schema: {
          summary: 'Say whether a part was good',
          tags,
          params: PARAMS,
          body: FEEDBACK,
          response: { 201: z.object({ id: z.string() }), 400: FAILURE, 404: FAILURE },
        },
      },
      async ({ params: { product }, body }, reply) => {
        const { result, label, region = null, note = null, author = null } = body
        const row = { id: randomUUID(), at: new Date(), product, resultId: result, label, region, note, author }
        if (!(await store.addFeedback(row))) {
          throw new HttpError(404, 'NOT_FOUND', `product ${product} has no result ${result}`)
        }
        return reply.status(201).send({ id: row.id })
      },
    )
    app.get(
      '/v1/products/:product/feedback',
      {
        schema: {
          summary: 'What people said',
          tags,
          params: PARAMS,
          response: { 200: z.array(RECORDED_FEEDBACK) },
        },
      },
      async ({ params: { product } }) => {
        const rows = await store.listFeedback(product)
        return rows.map((row) => ({ ...row, at: row.at.toISOString() }))
      },
    )
  }
}
