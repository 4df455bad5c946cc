import { randomInteger, type Rng } from '@tab/core'
import { mutateBytes, pick } from './mutate-bytes.ts'
import { mutateJson } from './mutate-json.ts'

interface Header {
  readonly __metadata__?: Record<string, string>
  readonly [name: string]: unknown
}

/** Splits a file of this format into its header and the bytes of its tensors. */
export function splitSafetensors(bytes: Uint8Array): { header: Header; data: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
  const text = new TextDecoder().decode(bytes.subarray(8, 8 + length))
  return { header: JSON.parse(text) as Header, data: bytes.subarray(8 + length) }
}

/** A file of a header, as text, and the bytes of tensors. */
export function joinSafetensors(header: string, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + json.length + data.length)
  new DataView(file.buffer).setUint32(0, json.length, true)
  file.set(json, 8)
  file.set(data, 8 + json.length)
  return file
}

/** Strange bit patterns of float32, among them NaN and infinity. */
const FLOATS = [NaN, Infinity, -Infinity, 3.4e38, -3.4e38, 1e-40, -0, 0, 1e20]

/** A safetensors file with random changes: of its bytes, its header, JSON in its metadata, or the numbers in its tensors. */
export function mutateSafetensors(bytes: Uint8Array, rng: Rng, other: Uint8Array): Uint8Array {
  const kind = rng()
  if (kind < 0.25) return mutateBytes(bytes, rng, other)
  const { header, data } = splitSafetensors(bytes)
  if (kind < 0.5) return joinSafetensors(mutateJson(header, rng), data)
  const metadata = Object.entries(header.__metadata__ ?? {})
  const nested = metadata.filter(([, text]) => text.startsWith('{'))
  if (kind < 0.85 && nested.length > 0) {
    const [name, text] = pick(rng, nested)
    const changed = { ...header.__metadata__, [name]: mutateJson(JSON.parse(text), rng) }
    return joinSafetensors(JSON.stringify({ ...header, __metadata__: changed }), data)
  }
  const changed = data.slice()
  if (changed.length < 4) return mutateBytes(bytes, rng, other)
  const view = new DataView(changed.buffer)
  for (let left = randomInteger(rng, 1, 3); left > 0; left--) {
    view.setFloat32(randomInteger(rng, 0, (changed.length >> 2) - 1) * 4, pick(rng, FLOATS), true)
  }
  return joinSafetensors(JSON.stringify(header), changed)
}
