import { sha256, type DType, type Tensor } from '@tab/core'

/**
 * SHA-256 over the header and one line per tensor, ordered by name, with its type, shape and the SHA-256 of its bytes. It detects
 * damage; it does not protect against forgery.
 */
export async function contentDigest(header: string, tensors: ReadonlyMap<string, Tensor<DType>>): Promise<string> {
  const lines = [header]
  for (const name of [...tensors.keys()].sort()) {
    const { dtype, shape, data } = tensors.get(name) as Tensor<DType>
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    lines.push(`${JSON.stringify(name)} ${dtype} ${shape.join('x')} ${await sha256(bytes)}`)
  }
  return sha256(new TextEncoder().encode(lines.join('\n')))
}
