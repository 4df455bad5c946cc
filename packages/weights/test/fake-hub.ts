import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export const COMMIT = '0123456789abcdef0123456789abcdef01234567'
export const CONTENT = new Uint8Array(2_500_000).map((_, index) => Math.imul(index, 2654435761) >>> 24)
export const sha256 = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex')

/** A hub with the model `timm/net`: the part of its HTTP interface that a download takes. */
export interface FakeHub {
  readonly server: Server
  readonly url: string
  readonly asked: string[]
  content: Uint8Array
  /** Checksum that it announces. */
  oid: string
  files: string[]
  /** Waited for in the middle of a file. */
  halfway: (() => Promise<void>) | undefined
}

/** A hub that listens on this machine. */
export async function fakeHub(): Promise<FakeHub> {
  const hub = {
    asked: [] as string[],
    content: CONTENT,
    oid: sha256(CONTENT),
    files: ['README.md', 'model.safetensors'],
    halfway: undefined as FakeHub['halfway'],
  }
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url as string)
    hub.asked.push(`${request.headers.range ?? ''} ${url}`.trim())
    const json = (value: unknown): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(value))
    }
    if (/^\/api\/models\/timm\/net\/revision\/(main|v1|0123)/.test(url)) {
      return json({ _id: '1', id: 'timm/net', sha: COMMIT, lastModified: '2026-01-01T00:00:00Z' })
    }
    const size = hub.content.length
    if (url.startsWith(`/api/models/timm/net/tree/${COMMIT}`)) {
      const lfs = { oid: hub.oid, size, pointerSize: 100 }
      return json(
        hub.files.map((path) => ({ type: 'file', path, size, oid: '00', ...(path.includes('.md') ? {} : { lfs }) })),
      )
    }
    if (hub.files.some((file) => url === `/timm/net/resolve/${COMMIT}/${file}`)) {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      response.setHeader('etag', `"${hub.oid}"`)
      const part = from === undefined ? hub.content : hub.content.subarray(Number(from), Number(to) + 1)
      if (from !== undefined) {
        response.statusCode = 206
        response.setHeader('content-range', `bytes ${from}-${to}/${size}`)
      }
      if (part.length < 2 || !hub.halfway) return response.end(part)
      response.write(part.subarray(0, part.length / 2))
      return void hub.halfway().then(() => response.end(part.subarray(part.length / 2)))
    }
    response.statusCode = 404
    return json({ error: 'Repository not found' })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return Object.assign(hub, { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}
