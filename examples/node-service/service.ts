import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { Inspector } from '@tab/pipeline'
import type { NodeImage } from '@tab/pipeline/node'
import { heatmapFile } from '@tab/report/node'

const LARGEST = 32 * 2 ** 20 // bytes of a photograph

/** `POST /inspect` with an image file answers with its verdict as JSON; `POST /heatmap` with the picture of where it looks unlike good parts. */
export function inspectionService(inspector: Inspector<NodeImage>): Server {
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || !['/inspect', '/heatmap'].includes(request.url ?? '')) return fail(response, 404)
    if (!(Number(request.headers['content-length']) <= LARGEST))
      return fail(response, 413, 'at most 32 MiB, told by Content-Length')
    const inspection = await inspector.inspect(await buffer(request))
    const { image, map, pixelThreshold, ...told } = inspection
    if (request.url === '/inspect')
      return void response.setHeader('content-type', 'application/json').end(JSON.stringify(told))
    if (!image || !map) return fail(response, 422, 'not scored')
    response.setHeader('content-type', 'image/png')
    response.end(await heatmapFile(image, map.data, pixelThreshold ?? undefined))
  }
  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      fail(response, 422, error instanceof Error ? error.message : String(error))
    })
  })
}

function fail(response: ServerResponse, status: number, error = 'POST an image to /inspect or /heatmap'): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
}
