import { sha256 } from '@tab/core'

/**
 * SHA-256 of plain data, as hexadecimal digits: objects whatever the order of their keys, typed arrays by their bytes. Two values of the same
 * content have the same digest in every process.
 */
export async function contentDigest(value: unknown): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(await canonical(value))))
}

async function canonical(value: unknown): Promise<unknown> {
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    return { [value.constructor.name]: await sha256(bytes) }
  }
  if (Array.isArray(value)) return Promise.all(value.map(canonical))
  if (value instanceof Map) return canonical([...value])
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  entries.sort(([left], [right]) => (left < right ? -1 : 1))
  return Promise.all(entries.map(async ([name, part]) => [name, await canonical(part)] as const))
}
