import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import type { Catalog } from '../products/catalog.ts'
import type { MakeChange } from '../products/changes.ts'
import type { Store } from '../store/store.ts'
import { HttpError } from './http-error.ts'
import { ACTIVATION, CHANGE, FAILURE, PRODUCT, productName, THRESHOLD } from './schemas.ts'

const PARAMS = z.object({ product: productName })
const FAILURES = { 400: FAILURE, 404: FAILURE, 409: FAILURE }
const tags = ['products']

/** Products, their versions, and what people change about them. */
export function productRoutes(catalog: Catalog, store: Store, change: MakeChange): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      '/v1/products',
      { schema: { summary: 'All products', tags, response: { 200: z.array(PRODUCT) } } },
      async () => catalog.names().map((name) => productOf(catalog, name)),
    )
    app.get(
      '/v1/products/:product',
      {
        schema: {
          summary: 'A product and its versions',
          tags,
          params: PARAMS,
          response: { 200: PRODUCT, ...FAILURES },
        },
      },
      async ({ params }) => productOf(catalog, params.product),
    )
    app.post(
      '/v1/products/rescan',
      { schema: { summary: 'Look for new detector files now', tags, response: { 200: z.array(PRODUCT) } } },
      async () => {
        await catalog.scan()
        return catalog.names().map((name) => productOf(catalog, name))
      },
    )
    app.put(
      '/v1/products/:product/active',
      {
        schema: {
          summary: 'Activate a version, or follow the newest one',
          tags,
          params: PARAMS,
          body: ACTIVATION,
          response: { 200: PRODUCT, ...FAILURES },
        },
      },
      async ({ params: { product }, body: { version, author = null, note = null } }) => {
        catalog.versions(product)
        const digest = version === null ? null : catalog.version(product, version).model.digest
        await change({ product, kind: 'activate', version, digest, value: null, author, note })
        return productOf(catalog, product)
      },
    )
    app.post(
      '/v1/products/:product/rollback',
      {
        schema: {
          summary: 'Activate the version that was active before',
          tags,
          params: PARAMS,
          body: ACTIVATION.omit({ version: true }).nullish(),
          response: { 200: PRODUCT, ...FAILURES },
        },
      },
      async ({ params: { product }, body }) => {
        const { name: version, digest } = await versionBefore(catalog, store, product)
        const { author = null, note = null } = body ?? {}
        await change({ product, kind: 'activate', version, digest, value: null, author, note })
        return productOf(catalog, product)
      },
    )
    app.put(
      '/v1/products/:product/threshold',
      {
        schema: {
          summary: 'Set a threshold for a version, or take that of its file again',
          description: 'Scores of another version have another scale, so it holds for this one alone.',
          tags,
          params: PARAMS,
          body: THRESHOLD,
          response: { 200: PRODUCT, ...FAILURES },
        },
      },
      async ({ params: { product }, body: { version, value, author = null, note = null } }) => {
        const { digest } = catalog.version(product, version).model
        await change({ product, kind: 'threshold', version, digest, value, author, note })
        return productOf(catalog, product)
      },
    )
    app.get(
      '/v1/products/:product/changes',
      {
        schema: { summary: 'Who changed what', tags, params: PARAMS, response: { 200: z.array(CHANGE), ...FAILURES } },
      },
      async ({ params: { product } }) => {
        const changes = await store.listChanges(product)
        return changes.map((one) => ({ ...one, at: one.at.toISOString() }))
      },
    )
  }
}

function productOf(catalog: Catalog, product: string): z.infer<typeof PRODUCT> {
  const versions = catalog.versions(product)
  const active = catalog.active(product)
  const isListed = active === null || versions.some(({ model }) => model.digest === active.model.digest)
  return {
    name: product,
    active: active?.name ?? null,
    pinned: catalog.pinned(product) !== null,
    versions: [...(isListed ? [] : [active]), ...versions].map((version) => ({
      name: version.name,
      digest: version.model.digest,
      at: version.at.toISOString(),
      active: version.model.digest === active?.model.digest,
      refused: version.refused,
      threshold: version.threshold,
      thresholdOverride: catalog.override(product, version),
      guaranteedRate: version.guaranteedRate,
      imageSize: version.imageSize && [...version.imageSize],
    })),
  }
}

/** The version activated before the one that is now; without a record of one, the next older file. */
async function versionBefore(
  catalog: Catalog,
  store: Store,
  product: string,
): Promise<{ readonly name: string; readonly digest: string }> {
  const now = catalog.serving(product).version
  const changes = await store.listChanges(product)
  const before = changes.filter(({ kind, digest }) => kind !== 'threshold' && digest !== now.model.digest).at(-1)
  if (before?.version && before.digest) return { name: before.version, digest: before.digest }
  const versions = catalog.versions(product)
  const place = versions.findIndex(({ model }) => model.digest === now.model.digest)
  const older = versions.slice(place + 1).find(({ refused }) => refused === null)
  if (!older) throw new HttpError(409, 'INCOMPATIBLE', `product ${product}: no version was active before ${now.name}`)
  return { name: older.name, digest: older.model.digest }
}
