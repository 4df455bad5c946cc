import helmet from '@fastify/helmet'
import multipart from '@fastify/multipart'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import Fastify, { type FastifyInstance } from 'fastify'
import {
  jsonSchemaTransform,
  jsonSchemaTransformObject,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod'
import type { InspectionService } from '../inspection/inspection-service.ts'
import type { Metrics } from '../metrics.ts'
import type { MakeChange } from '../products/changes.ts'
import type { Catalog } from '../products/catalog.ts'
import type { ServerSettings } from '../server-spec.ts'
import type { Store } from '../store/store.ts'
import { VERSION } from '../version.ts'
import { guardAccess } from './access.ts'
import { healthRoutes, type Health } from './health-routes.ts'
import { HttpError, httpErrorOf } from './http-error.ts'
import { inspectRoutes } from './inspect-routes.ts'
import { openInferenceRoutes } from './open-inference-routes.ts'
import { livePage } from './live-page.ts'
import { operatorRoutes, type OperatorParts } from './operator-routes.ts'
import { productRoutes } from './product-routes.ts'
import { recordRoutes } from './record-routes.ts'

export interface AppParts extends Pick<OperatorParts, 'images' | 'learn'> {
  readonly settings: ServerSettings
  /** Real paths that images may be read from. */
  readonly folders: readonly string[]
  readonly service: InspectionService
  readonly catalog: Catalog
  readonly store: Store
  readonly metrics: Metrics
  readonly health: Health
  readonly change: MakeChange
  /** Called with an error that is the server's own fault. */
  readonly onDefect: (error: unknown, request: string) => void
}

/** The routes over everything else; nothing is decided here. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { settings, folders, service, catalog, store, metrics, health, onDefect } = parts
  const app = Fastify({
    bodyLimit: settings.limits.bytes,
    requestTimeout: 1000 * settings.limits.seconds,
    forceCloseConnections: 'idle', // a stop waits for what is under way, not for a client that keeps its connection
    exposeHeadRoutes: false,
  })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler((error, request, reply) => {
    const { status, code, message, headers } = httpErrorOf(error)
    if (status >= 500 && (status !== 503 || code === 'UNAVAILABLE')) onDefect(error, `${request.method} ${request.url}`)
    return reply.status(status).headers(headers).send({ error: { code, message } })
  })
  app.setNotFoundHandler((request) => {
    throw new HttpError(404, 'NOT_FOUND', `there is no ${request.method} ${request.url.split('?')[0]}`)
  })
  guardAccess(app, settings)
  await app.register(helmet, {
    contentSecurityPolicy: {
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        connectSrc: ["'self'"],
      },
    },
    strictTransportSecurity: false, // a reverse proxy with a certificate says so
  })
  await app.register(multipart, { limits: { fileSize: settings.limits.bytes, files: 1 } })
  app.addContentTypeParser(/^(image\/|application\/octet-stream)/, { parseAs: 'buffer' }, (_, body, done) => {
    done(null, body)
  })
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'TAB server', version: VERSION, description: 'Visual anomaly inspection as a service.' },
      ...(settings.token === undefined
        ? {}
        : {
            components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
            security: [{ token: [] }],
          }),
    },
    transform: jsonSchemaTransform,
    transformObject: jsonSchemaTransformObject,
  })
  await app.register(swaggerUi, { routePrefix: '/docs', staticCSP: true })
  await app.register(healthRoutes(health, metrics))
  await app.register(inspectRoutes(service, folders))
  await app.register(productRoutes(catalog, store, parts.change))
  await app.register(recordRoutes(store))
  const { images, learn } = parts
  await app.register(operatorRoutes({ catalog, store, images, learn, state: settings.state }))
  await app.register(openInferenceRoutes(service, catalog, health))
  await app.register(livePage)
  return app
}
