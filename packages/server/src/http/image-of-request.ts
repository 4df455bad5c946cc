import { isWithin, realPlace } from '@tab/pipeline/node'
import type { FastifyRequest } from 'fastify'
import * as z from 'zod'
import type { ImageSource } from '../inspection/protocol.ts'
import { HttpError } from './http-error.ts'

export interface RequestImage {
  readonly image: ImageSource
  readonly name: string | null
}

const BY_PATH = z.strictObject({ path: z.string().min(1) })

/**
 * The image of a request: the file of a form, the body itself, or `{ "path": ... }` of a file in one of the folders that images may be read from.
 * @param folders real paths
 */
export async function imageOfRequest(request: FastifyRequest, folders: readonly string[]): Promise<RequestImage> {
  if (request.isMultipart()) {
    const file = await request.file().catch((error: Error & { statusCode?: number }) => {
      if (error.statusCode !== undefined) throw error
      throw new HttpError(400, 'INVALID_ARGUMENT', `expected a form: ${error.message}`) // of the parser, which has no status
    })
    if (!file) throw new HttpError(400, 'INVALID_ARGUMENT', 'expected a file in the form, got none')
    return { image: await file.toBuffer(), name: file.filename || null }
  }
  if (Buffer.isBuffer(request.body) && request.body.length > 0) {
    const name = request.headers['x-image-name']
    return { image: request.body, name: typeof name === 'string' ? name.slice(0, 500) : null }
  }
  const named = BY_PATH.safeParse(request.body)
  if (!named.success) {
    const expected = 'an image as the body, a form with a file, or {"path": "..."}'
    throw new HttpError(400, 'INVALID_ARGUMENT', `expected ${expected}`)
  }
  const { path } = named.data
  const place = path.includes('\0') ? undefined : await realPlace(path)
  // What lies outside is not told apart from what does not exist.
  if (place === undefined || !folders.some((folder) => isWithin(place, folder))) {
    throw new HttpError(403, 'FORBIDDEN', 'the path is in none of the folders that images may be read from')
  }
  return { image: place, name: path }
}
