import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { TabError } from '@tab/core'
import { ENTRY, MODEL } from './schema.ts'

/**
 * The free strings of an ONNX file (`metadata_props`), without reading its graph.
 * @throws INVALID_DATA when the bytes are no ONNX file
 */
export function readOnnxMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = {}
  let hasGraph = false
  try {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      if (field === MODEL.graph) hasGraph = true
      if (field === MODEL.metadataProps && wireType === WireType.LengthDelimited) {
        const [key, value] = readEntry(reader.bytes())
        metadata[key] = value
      } else {
        reader.skip(wireType, field)
      }
    }
  } catch (cause) {
    throw notOnnx(cause)
  }
  if (!hasGraph) throw notOnnx(undefined)
  return metadata
}

function readEntry(bytes: Uint8Array): [string, string] {
  const reader = new BinaryReader(bytes)
  let [key, value] = ['', '']
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field === ENTRY.key) key = reader.string()
    else if (field === ENTRY.value) value = reader.string()
    else reader.skip(wireType, field)
  }
  return [key, value]
}

function notOnnx(cause: unknown): TabError {
  return new TabError('INVALID_DATA', { where: 'readOnnxMetadata', message: 'the bytes are not an ONNX file', cause })
}
