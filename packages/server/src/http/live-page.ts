import { readFile } from 'node:fs/promises'
import type { FastifyPluginAsync } from 'fastify'
import { PUBLIC_FOLDER } from '../public-folder.ts'

const FILES = [
  ['/', 'live.html', 'text/html; charset=utf-8'],
  ['/live.js', 'live.js', 'text/javascript; charset=utf-8'],
  ['/live.css', 'live.css', 'text/css; charset=utf-8'],
] as const

/** `/`: what is happening now. */
export const livePage: FastifyPluginAsync = async (app) => {
  for (const [path, name, type] of FILES) {
    const text = await readFile(new URL(name, PUBLIC_FOLDER), 'utf8')
    app.get(path, { schema: { hide: true } }, async (_, reply) => reply.type(type).send(text))
  }
}
