import { TabError } from './errors.ts'
import { parseJson } from './parse-json.ts'
import { fromHalves, toHalves } from './half-float.ts'
import { recogniseFile } from './recognise-file.ts'
import { formatShape, sizeOf, tensorOf, type DType, type Tensor } from './tensor.ts'

/** The element types that this reader decodes; 16-bit floats become float32, 64-bit integers float64. */
const ELEMENT_BYTES = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, U8: 1, BOOL: 1 } as const
type ElementType = keyof typeof ELEMENT_BYTES

const WRITTEN_AS = { float32: 'F32', float64: 'F64', int32: 'I32', uint8: 'U8' } as const
const HEADER_LIMIT = 100_000_000 // the reference implementation's own limit

/** A tensor in a file, not yet decoded. */
export interface SafetensorsEntry {
  /** The format's name of the element type: `F32`, `F16`, ... */
  readonly dtype: string
  readonly shape: readonly number[]
  /** Decodes the tensor into its own memory; F16 and BF16 become float32, I64 float64, BOOL uint8. */
  toTensor(): Tensor<DType>
}

/** A parsed file: its string metadata and its tensors in the order of their bytes. */
export interface SafetensorsFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly entries: ReadonlyMap<string, SafetensorsEntry>
}

function refuse(message: string, cause?: unknown): never {
  throw new TabError('INVALID_DATA', { where: 'readSafetensors', message, cause })
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  const other = (message: string, cause?: unknown): never => {
    const found = recogniseFile(bytes)
    refuse(found === undefined ? message : `not a safetensors file: it is ${found}`, cause)
  }
  if (bytes.length < 8) other(`a safetensors file has at least 8 bytes, got ${bytes.length}`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true)
  if (length > HEADER_LIMIT) other('not a safetensors file: it does not begin with the length of a header')
  if (length > bytes.length - 8) {
    other(`file is truncated: its header has ${length} bytes, but ${bytes.length - 8} follow`)
  }
  let header: unknown
  try {
    header = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)))
  } catch (cause) {
    other('not a safetensors file: its header is not JSON', cause)
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) refuse('header is not a JSON object')
  return { header: header as Record<string, unknown>, start: 8 + length }
}

interface Placement {
  readonly name: string
  readonly dtype: ElementType
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

function parsePlacement(name: string, value: unknown): Placement {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  if (typeof dtype !== 'string' || !Object.hasOwn(ELEMENT_BYTES, dtype)) {
    refuse(
      `tensor "${name}" has element type ${JSON.stringify(dtype)}; supported are ${Object.keys(ELEMENT_BYTES).join(', ')}`,
    )
  }
  const isCount = (part: unknown): part is number => Number.isSafeInteger(part) && (part as number) >= 0
  if (!Array.isArray(shape) || !shape.every(isCount)) {
    refuse(`tensor "${name}" has shape ${JSON.stringify(shape)}, expected whole numbers from 0`)
  }
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
    refuse(`tensor "${name}" has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`)
  }
  const [begin, end] = offsets as [number, number]
  const size = sizeOf(shape) * ELEMENT_BYTES[dtype as ElementType]
  if (end - begin !== size) {
    refuse(`tensor "${name}" ${dtype} ${formatShape(shape)} needs ${size} bytes, but its offsets span ${end - begin}`)
  }
  return { name, dtype: dtype as ElementType, shape, begin, end }
}

/**
 * Parses a safetensors file without decoding its tensors.
 * @param bytes the whole file
 * @returns views into `bytes`: keep it unchanged until the entries are decoded
 * @throws INVALID_DATA when the file is truncated or has excess bytes, or its header is malformed, has overlapping or
 *   missing ranges, or sizes that contradict the shapes; this is checked before tensors are allocated
 * @see https://github.com/huggingface/safetensors (format description)
 * @example
 * ```ts
 * import { readSafetensors, tensor, writeSafetensors } from '@tab/core'
 * const bytes = writeSafetensors({ bias: tensor([3], Float32Array.of(1, 2, 3)) })
 * const { entries } = readSafetensors(bytes)
 * console.log(entries.get('bias')?.toTensor().data) // Float32Array(3) [ 1, 2, 3 ]
 * ```
 */
export function readSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { header, start } = parseHeader(bytes)
  let metadata: Readonly<Record<string, string>> = {}
  const placements: Placement[] = []
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') {
      const isText =
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((text) => typeof text === 'string')
      if (!isText) refuse('__metadata__ must be an object of strings')
      metadata = value as Record<string, string>
    } else {
      placements.push(parsePlacement(name, value))
    }
  }
  placements.sort((left, right) => left.begin - right.begin || left.end - right.end)
  let position = 0
  for (const { name, begin, end } of placements) {
    if (begin !== position)
      refuse(`tensor "${name}" begins at byte ${begin}, expected ${position}: ranges overlap or leave a gap`)
    position = end
  }
  const held = bytes.length - start
  if (held !== position) {
    refuse(
      held < position
        ? `file is truncated: tensors need ${position} bytes, but it has ${held}`
        : `${held - position} bytes follow the last tensor`,
    )
  }
  const entries = new Map<string, SafetensorsEntry>()
  for (const { name, dtype, shape, begin, end } of placements) {
    entries.set(name, {
      dtype,
      shape,
      toTensor: () => decode(dtype, shape, bytes.subarray(start + begin, start + end)),
    })
  }
  return { metadata, entries }
}

function decode(dtype: ElementType, shape: readonly number[], bytes: Uint8Array): Tensor<DType> {
  // A copy, as element arrays need an alignment that the file does not give; not slice(), which for a Buffer is a view.
  const aligned = new Uint8Array(bytes).buffer
  switch (dtype) {
    case 'F32':
      return tensorOf('float32', shape, new Float32Array(aligned))
    case 'F64':
      return tensorOf('float64', shape, new Float64Array(aligned))
    case 'I32':
      return tensorOf('int32', shape, new Int32Array(aligned))
    case 'I64':
      return tensorOf('float64', shape, Float64Array.from(new BigInt64Array(aligned), Number))
    case 'F16':
      return tensorOf('float32', shape, fromHalves(new Uint16Array(aligned)))
    case 'BF16':
      return tensorOf(
        'float32',
        shape,
        new Float32Array(Uint32Array.from(new Uint16Array(aligned), (bits) => bits << 16).buffer),
      )
    case 'U8':
    case 'BOOL':
      return tensorOf('uint8', shape, new Uint8Array(aligned))
  }
}

/** Tensors by name, in the order in which they are written. */
export type NamedTensors = Readonly<Record<string, Tensor<DType>>> | ReadonlyMap<string, Tensor<DType>>

function isMap(tensors: NamedTensors): tensors is ReadonlyMap<string, Tensor<DType>> {
  return Symbol.iterator in tensors
}

export interface WriteSafetensorsOptions {
  /** Element type of the float32 tensors in the file. `float16` takes half the place and rounds to the nearest, ties to even. Default `float32`. */
  readonly dtype?: 'float32' | 'float16'
}

/**
 * A safetensors file of the given tensors, sorted by falling element size and then by name, so that the same content
 * gives the same bytes and every tensor is aligned.
 * @param tensors by name; `__metadata__` is reserved
 * @param metadata strings to keep in the header
 * @throws NUMERICAL for a number that float16 cannot hold, naming the tensor
 * @example
 * ```ts
 * import { readSafetensors, tensor, writeSafetensors } from '@tab/core'
 * const bytes = writeSafetensors({ weight: tensor([2, 2], Float32Array.of(1, 0, 0, 1)) }, { made: 'by hand' })
 * console.log(bytes.length, readSafetensors(bytes).metadata) // 120 { made: 'by hand' }
 * ```
 */
export function writeSafetensors(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>> = {},
  { dtype = 'float32' }: WriteSafetensorsOptions = {},
): Uint8Array {
  const where = 'writeSafetensors'
  const written = [...(isMap(tensors) ? tensors : Object.entries(tensors))].map(([name, given]) => {
    if (name === '__metadata__') {
      throw new TabError('INVALID_ARGUMENT', { where, expected: 'a tensor name', actual: name })
    }
    const isHalved = dtype === 'float16' && given.dtype === 'float32'
    const data = isHalved ? toHalves(`${where}: tensor "${name}"`, given.data as Float32Array) : given.data
    return { name, type: isHalved ? 'F16' : WRITTEN_AS[given.dtype], shape: given.shape, data }
  })
  written.sort(
    (left, right) => right.data.BYTES_PER_ELEMENT - left.data.BYTES_PER_ELEMENT || (left.name < right.name ? -1 : 1),
  )
  const sortedMetadata = Object.fromEntries(Object.entries(metadata).sort(([left], [right]) => (left < right ? -1 : 1)))
  const header: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', sortedMetadata]] : []
  let position = 0
  for (const { name, type, shape, data } of written) {
    header.push([name, { dtype: type, shape, data_offsets: [position, position + data.byteLength] }])
    position += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)))
  const padded = Math.ceil(json.length / 8) * 8
  const file = new Uint8Array(8 + padded + position)
  new DataView(file.buffer).setUint32(0, padded, true)
  file.fill(0x20, 8, 8 + padded)
  file.set(json, 8)
  let offset = 8 + padded
  for (const { data } of written) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset)
    offset += data.byteLength
  }
  return file
}
