import { TabError } from './errors.ts'

/**
 * The SHA-256 of bytes in lower-case hexadecimal, computed by Web Crypto.
 * @throws UNSUPPORTED where Web Crypto is missing: in a page that was served neither over https nor from localhost
 * @example
 * ```ts
 * import { sha256 } from '@tab/core'
 * const digest = await sha256(new TextEncoder().encode('abc'))
 * console.log(digest.slice(0, 16)) // ba7816bf8f01cfea
 * ```
 */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined
  if (!subtle) {
    throw new TabError('UNSUPPORTED', {
      where: 'sha256',
      message: 'this platform has no crypto.subtle; in a browser, serve the page over https or from localhost',
    })
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
