import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, relative, sep } from 'node:path'
import { TabError } from '@tab/core'

/** A page that is served until it is closed. */
export interface ServedStudio {
  readonly url: string
  close(): Promise<void>
}

const HOST = '127.0.0.1' // nobody else: browsers give threads and cameras to pages of this machine without HTTPS

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
}

/**
 * Serves the files of the studio on this machine alone, with the headers that isolate the page, which threads need.
 * @param folder of the built files
 * @param port 0 for a free one
 * @throws NOT_FOUND without the files, INVALID_ARGUMENT for a port that is taken
 */
export async function serveStudio(folder: string, port: number): Promise<ServedStudio> {
  const files = await filesBelow(folder)
  const headers = await headersOf(join(folder, 'index.html'))
  const server = createServer((request, response) => {
    answer(files, headers, request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await listen(server, port)
  const { port: taken } = server.address() as AddressInfo
  return {
    url: `http://${HOST}:${taken}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Files by the path that a browser asks for. */
async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const files = new Map(paths.map((path) => [`/${relative(folder, path).split(sep).join('/')}`, path]))
  const index = files.get('/index.html')
  if (index === undefined) {
    const message = `the built page is not in ${folder}; in a clone, run: npm run build`
    throw new TabError('NOT_FOUND', { where: 'tab studio', message })
  }
  return files.set('/', index)
}

/** What isolates the page, and its own policy, which a browser applies to workers only when it comes as a header. */
async function headersOf(index: string): Promise<Readonly<Record<string, string>>> {
  const [, policy] =
    /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(await readFile(index, 'utf8')) ?? []
  if (policy === undefined) {
    throw new TabError('INVALID_DATA', { where: index, expected: 'a Content-Security-Policy', actual: 'none' })
  }
  return {
    'content-security-policy': `${policy}; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}

async function answer(
  files: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>>,
  { url = '/', method = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  const path = url.split('?')[0] as string
  const file = files.get(path)
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405, { allow: 'GET, HEAD' }).end()
  if (file === undefined) return void response.writeHead(404).end()
  const bytes = await readFile(file)
  // Names of assets tell their content; the page and the service worker must be asked for anew.
  const isNamedByContent = path.startsWith('/assets/')
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': bytes.length,
    'cache-control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  response.end(method === 'HEAD' ? undefined : bytes)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const actual = code === 'EADDRINUSE' ? `${port} is taken` : `${port}: ${message}`
      reject(new TabError('INVALID_ARGUMENT', { where: '--port', expected: 'must be a free port', actual }))
    })
    server.listen(port, HOST, resolve)
  })
}
