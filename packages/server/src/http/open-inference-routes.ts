import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import * as z from 'zod'
import type { InspectionService } from '../inspection/inspection-service.ts'
import type { ImageSource } from '../inspection/protocol.ts'
import type { Catalog } from '../products/catalog.ts'
import { VERSION as SERVER_VERSION } from '../version.ts'
import type { Health } from './health-routes.ts'
import { HttpError, httpErrorOf } from './http-error.ts'
import { productName } from './schemas.ts'

// The Open Inference Protocol, version 2 (KServe): a product is a model. https://github.com/kserve/open-inference-protocol

const MOST_IMAGES = 64 // of one request

const TENSOR = z.object({
  name: z.string(),
  shape: z.array(z.number().int().min(0)),
  datatype: z.string(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  data: z.array(z.unknown()),
})
const REQUEST = z.object({
  id: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputs: z.array(TENSOR).min(1),
  outputs: z.array(z.object({ name: z.string() }).loose()).optional(),
})
const PARAMS = z.object({ model: productName, version: z.string().optional() })
const tags = ['open inference protocol']

/** What is answered where nobody asks for certain outputs. */
const DEFAULT_OUTPUTS = ['score', 'threshold', 'verdict']

const INPUT = { name: 'image', datatype: 'BYTES', shape: [-1] }
const OUTPUTS = [
  { name: 'score', datatype: 'FP64', shape: [-1] },
  { name: 'threshold', datatype: 'FP64', shape: [-1] },
  { name: 'verdict', datatype: 'BYTES', shape: [-1] },
  { name: 'anomaly_map', datatype: 'FP32', shape: [-1, -1, -1] },
]

export function openInferenceRoutes(
  service: InspectionService,
  catalog: Catalog,
  health: Health,
): FastifyPluginAsyncZod {
  return async (app) => {
    // This protocol has errors of its own.
    app.setErrorHandler((error, _, reply) => {
      const { status, message, headers } = httpErrorOf(error)
      return reply.status(status).headers(headers).send({ error: message })
    })
    const route = { schema: { tags } }
    app.get('/v2', route, async () => ({ name: 'tab', version: SERVER_VERSION, extensions: [] }))
    app.get('/v2/health/live', route, async () => ({ live: true }))
    app.get('/v2/health/ready', route, async (_, reply) => {
      const ready = health.notReady() === null
      return reply.status(ready ? 200 : 503).send({ ready })
    })
    for (const path of ['/v2/models/:model', '/v2/models/:model/versions/:version'] as const) {
      const withParams = { schema: { tags, params: PARAMS } }
      app.get(path, withParams, async ({ params: { model, version } }) => {
        catalog.serving(model, version)
        const versions = catalog.versions(model).filter(({ refused }) => refused === null)
        return {
          name: model,
          versions: versions.map(({ name }) => name),
          platform: 'tab_safetensors',
          inputs: [INPUT],
          outputs: OUTPUTS,
        }
      })
      app.get(`${path}/ready`, withParams, async ({ params: { model, version } }) => {
        catalog.serving(model, version)
        return { name: model, ready: true }
      })
      app.post(
        `${path}/infer`,
        { schema: { tags, params: PARAMS, body: REQUEST } },
        async ({ params: { model, version }, body: { id, inputs, outputs } }) => {
          const images = imagesOf(inputs)
          const asked = outputs?.map(({ name }) => name) ?? DEFAULT_OUTPUTS
          const unknown = asked.find((name) => !OUTPUTS.some((output) => output.name === name))
          if (unknown !== undefined) throw invalid(`outputs of ${OUTPUTS.map(({ name }) => name).join(', ')}`, unknown)
          // All from one version, whatever is swapped in between.
          const served = catalog.serving(model, version).version.name
          const map = asked.includes('anomaly_map') ? 'float32' : 'none'
          const found = await Promise.all(
            images.map((image) => service.inspect({ product: model, version: served, image, name: id ?? null, map })),
          )
          return {
            model_name: model,
            model_version: served,
            ...(id === undefined ? {} : { id }),
            outputs: asked.map((name) => outputOf(name, found)),
          }
        },
      )
    }
  }
}

function outputOf(name: string, found: readonly Awaited<ReturnType<InspectionService['inspect']>>[]): object {
  const { datatype } = OUTPUTS.find((output) => output.name === name) as (typeof OUTPUTS)[number]
  if (name === 'anomaly_map') {
    const data = found.flatMap(({ map }) => (map ? [...new Float32Array(map.slice().buffer)] : []))
    return { name, datatype, shape: [found.length, ...(found[0]?.mapShape ?? [])], data }
  }
  const data = found.map(({ answer }) => answer[name as 'score' | 'threshold' | 'verdict'])
  return { name, datatype, shape: [found.length], data }
}

/** Files as base64 (`BYTES`, [N]), or pixels (`UINT8`, [N,H,W,3]). */
function imagesOf(inputs: readonly z.infer<typeof TENSOR>[]): ImageSource[] {
  const [input] = inputs
  if (!input || inputs.length !== 1 || input.name !== INPUT.name) {
    throw invalid(`one input "${INPUT.name}"`, inputs.map(({ name }) => name).join(', '))
  }
  const { datatype, shape, data } = input
  const [count = 0, height = 0, width = 0, channels = 0] = shape
  if (count < 1 || count > MOST_IMAGES) throw invalid(`1 to ${MOST_IMAGES} images`, `shape [${shape.join(',')}]`)
  if (datatype === 'BYTES' && shape.length === 1 && data.length === count) {
    return data.map((text) => {
      if (typeof text !== 'string') throw invalid('image files as base64', typeof text)
      return Buffer.from(text, 'base64')
    })
  }
  const flat = (data as readonly unknown[]).flat(3)
  const isImage = datatype === 'UINT8' && shape.length === 4 && channels === 3 && height > 0 && width > 0
  if (!isImage || flat.length !== count * height * width * channels) {
    throw invalid(
      'BYTES [N] of base64, or UINT8 [N,H,W,3]',
      `${datatype} [${shape.join(',')}] with ${flat.length} values`,
    )
  }
  if (!flat.every((level) => Number.isInteger(level) && (level as number) >= 0 && (level as number) <= 255)) {
    throw invalid('levels from 0 to 255', 'others')
  }
  const levels = Uint8Array.from(flat as number[])
  const size = height * width * channels
  return Array.from({ length: count }, (_, index) => ({
    width,
    height,
    data: levels.slice(index * size, (index + 1) * size),
  }))
}

function invalid(expected: string, actual: string): HttpError {
  return new HttpError(400, 'INVALID_ARGUMENT', `expected ${expected}, got ${actual}`)
}
