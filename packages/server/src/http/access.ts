import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import { TabError } from '@tab/core'
import type { FastifyInstance } from 'fastify'
import type { ServerSettings } from '../server-spec.ts'
import { HttpError } from './http-error.ts'

/** Answered without a token: they say nothing but whether the server is there, and show the page that asks for the token. */
const OPEN_PATHS = ['/livez', '/readyz', '/', '/live.js', '/live.css', '/v2/health/live', '/v2/health/ready']

/** @throws INVALID_ARGUMENT for an address that others can reach, without a token */
export function assertProtected({ host, token, insecure }: ServerSettings): void {
  if (isLoopback(host) || token !== undefined || insecure) return
  const expected = 'a token (or insecure: true) for an address that is not loopback'
  throw new TabError('INVALID_ARGUMENT', { where: 'spec.host', expected, actual: `${host} without one` })
}

/**
 * Lets in who has the token. Pages of other sites, which a browser on this machine may be showing, are kept out by their `Origin`, and, without a
 * token, by a `Host` that is not this machine (DNS rebinding).
 */
export function guardAccess(app: FastifyInstance, { host, token }: ServerSettings): void {
  const wanted = token === undefined ? undefined : digest(`Bearer ${token}`)
  app.addHook('onRequest', async (request) => {
    const { origin, authorization } = request.headers
    const asked = request.headers.host ?? ''
    if (origin !== undefined && originHost(origin) !== asked) {
      throw new HttpError(403, 'FORBIDDEN', 'requests from pages of other sites are not answered')
    }
    if (wanted) {
      const isOpen = OPEN_PATHS.includes(request.url)
      if (!isOpen && !timingSafeEqual(digest(authorization ?? ''), wanted)) {
        throw new HttpError(401, 'UNAUTHORIZED', 'expected Authorization: Bearer TOKEN', {
          'www-authenticate': 'Bearer',
        })
      }
    } else if (isLoopback(host) && !isLoopback(hostName(asked))) {
      throw new HttpError(403, 'FORBIDDEN', 'this server answers requests to this machine alone')
    }
  })
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

function hostName(host: string): string {
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : (host.split(':')[0] ?? '')
}

function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
