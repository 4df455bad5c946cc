import type { FastifyReply } from 'fastify'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import type { InspectionService } from '../inspection/inspection-service.ts'
import type { MapFormat } from '../inspection/protocol.ts'
import { imageOfRequest } from './image-of-request.ts'
import { FAILURE, INSPECTION, productName, type InspectionAnswer } from './schemas.ts'

const FORMATS: readonly (readonly [MapFormat, string])[] = [
  ['none', 'application/json'],
  ['png', 'image/png'],
  ['float32', 'application/octet-stream'],
]

const PARAMS = z.object({ product: productName })
const QUERY = z.object({ version: z.string().optional().describe('In place of the active one.') })
const HEADERS = z.object({
  'x-deadline-ms': z.coerce.number().gt(0).optional().describe('Milliseconds after which the answer is of no use.'),
  'x-image-name': z.string().optional().describe('What the image is called, for a body that is the image.'),
})

/** `POST /v1/products/{product}/inspect`. */
export function inspectRoutes(service: InspectionService, folders: readonly string[]): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      '/v1/products/:product/inspect',
      {
        schema: {
          summary: 'Inspect an image',
          description:
            'The image is the body (`image/*` or `application/octet-stream`), a file of a form, or `{"path": "..."}` in an allowed folder. ' +
            '`Accept: image/png` answers with the image under its heatmap, `application/octet-stream` with the anomaly map as little-endian ' +
            'float32 of the shape in `x-map-shape`; the inspection is then in the header `x-inspection`.',
          tags: ['inspection'],
          consumes: ['image/jpeg', 'image/png', 'application/octet-stream', 'multipart/form-data', 'application/json'],
          produces: FORMATS.map(([, type]) => type),
          params: PARAMS,
          querystring: QUERY,
          headers: HEADERS,
          response: { 200: INSPECTION, 400: FAILURE, 404: FAILURE, 413: FAILURE, 422: FAILURE, 503: FAILURE },
        },
      },
      async (request, reply) => {
        const { image, name } = await imageOfRequest(request, folders)
        const [format, type] = formatOf(request.headers.accept)
        const { product } = request.params
        const { version } = request.query
        const within = request.headers['x-deadline-ms']
        const { answer, map, mapShape } = await service.inspect({ product, version, image, name, map: format, within })
        if (format === 'none') return answer
        return withMap(reply, answer, type, map, mapShape)
      },
    )
  }
}

function formatOf(accept = ''): readonly [MapFormat, string] {
  return FORMATS.find(([, type]) => accept.includes(type)) ?? (FORMATS[0] as (typeof FORMATS)[number])
}

function withMap(
  reply: FastifyReply,
  answer: InspectionAnswer,
  type: string,
  map: Uint8Array | null,
  shape: readonly number[] | null,
): never {
  void reply.header('x-inspection', JSON.stringify(answer).replace(/[^\x20-\x7e]/g, escaped))
  void reply.header('x-map-shape', (shape ?? []).join(','))
  // Sent as it is, past the schema of the JSON answer.
  return reply
    .type(type)
    .serializer((body: unknown) => body as string)
    .send(map ?? new Uint8Array()) as never
}

/** Headers are ASCII; JSON can say everything in it. */
function escaped(text: string): string {
  return `\\u${text.charCodeAt(0).toString(16).padStart(4, '0')}`
}
