import { join } from 'node:path'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { exportFeedback } from '../operators/export-feedback.ts'
import type { createLearning } from '../operators/learning.ts'
import type { Catalog } from '../products/catalog.ts'
import type { KeptImages } from '../store/kept-images.ts'
import type { Store } from '../store/store.ts'
import * as z from 'zod'
import { FAILURE, FEEDBACK_EXPORT, LEARN, LEARNED, productName } from './schemas.ts'

export interface OperatorParts {
  readonly catalog: Catalog
  readonly store: Store
  readonly images: KeptImages
  readonly learn: ReturnType<typeof createLearning>
  /** Folder of the server's own files. */
  readonly state: string
}

const PARAMS = z.object({ product: productName })
const tags = ['operators']

/** What people's word is made into: a data set, and a version that knows better. */
export function operatorRoutes({ catalog, store, images, learn, state }: OperatorParts): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/products/:product/feedback/export',
      {
        schema: {
          summary: 'Write what people said as a data set',
          description:
            'A folder with `manifest.csv` and the kept images, in the folder of the server’s own files. `tab fit --data` and `tab evaluate --data` open it.',
          tags,
          params: PARAMS,
          response: { 201: FEEDBACK_EXPORT, 404: FAILURE },
        },
      },
      async ({ params: { product } }, reply) => {
        catalog.versions(product)
        const folder = `exports/${product}-${new Date().toISOString().replace(/\D/g, '')}`
        const counts = await exportFeedback(await store.listFeedback(product), images, join(state, folder))
        return reply.status(201).send({ folder, ...counts })
      },
    )
    app.post(
      '/v1/products/:product/learn',
      {
        schema: {
          summary: 'Learn that images are of good parts',
          description:
            'Extends the bank of the version that is served (PatchCore) to a new version, measures it on the kept images that people have labelled, and ' +
            'serves it, unless it misses a defect that is found now. `rollback` undoes it.',
          tags,
          params: PARAMS,
          body: LEARN,
          response: { 201: LEARNED, 400: FAILURE, 404: FAILURE, 409: FAILURE },
        },
      },
      async ({ params: { product }, body: { results, force, author = null, note = null } }, reply) => {
        const { learned, missed, ...more } = await learn({ product, results, force, author, note })
        return reply.status(201).send({ ...more, learned: [...learned], missed: [...missed] })
      },
    )
  }
}
