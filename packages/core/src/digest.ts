import { TabError } from './errors.ts'

/**
 * SHA-256 of bytes as lower-case hexadecimal, by the platform's Web Crypto.
 * @throws UNSUPPORTED where there is none (a browser page that was not served over https or localhost)
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
