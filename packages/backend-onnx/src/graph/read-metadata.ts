import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { recogniseFile, TabError } from '@tab/core'
import { ENTRY, MODEL } from './schema.ts'

/**
 * Reads the free-form strings of an ONNX file (`metadata_props`) without reading its graph.
 * @throws INVALID_DATA when the bytes are not an ONNX file
 * @example
 * ```ts
 * import { readOnnxMetadata } from '@tab/backend-onnx/graph'
 * import { createBackbone, exportOnnx } from '@tab/model'
 *
 * const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' })
 * const metadata = readOnnxMetadata(exportOnnx(backbone, { layers: ['layer1'] }))
 * console.log(Object.keys(metadata)) // [ 'tab.backbone' ]
 * ```
 */
export function readOnnxMetadata(bytes: Uint8Array): Readonly<Record<string, string>> {
  const entries: (readonly [string, string])[] = []
  let hasGraph = false
  try {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag()
      if (field === MODEL.graph) hasGraph = true
      if (field === MODEL.metadataProps && wireType === WireType.LengthDelimited) {
        entries.push(readEntry(reader.bytes()))
      } else {
        reader.skip(wireType, field)
      }
    }
  } catch (cause) {
    throw notOnnx(bytes, cause)
  }
  if (!hasGraph) throw notOnnx(bytes)
  return Object.fromEntries(entries) // keeps the name `__proto__`, which an assignment would lose
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

function notOnnx(bytes: Uint8Array, cause?: unknown): TabError {
  const found = recogniseFile(bytes)
  const message = `the bytes are not an ONNX file${found === undefined ? '' : `: it is ${found}`}`
  return new TabError('INVALID_DATA', { where: 'readOnnxMetadata', message, cause })
}
