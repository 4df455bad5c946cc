import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { sizeOf, TabError } from '@tab/core'
import type { OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from './graph.ts'
import * as schema from './schema.ts'

const { LengthDelimited, Varint, Bit32 } = WireType

/**
 * Encodes a graph as an ONNX file (IR version 8, opset 17).
 * @throws INVALID_ARGUMENT when the data and shape of a constant disagree, a value is used before it is computed, or a name is defined
 *   twice
 * @example
 * ```ts
 * import { encodeGraph } from '@tab/backend-onnx/graph'
 * import { loadOrt } from '@tab/backend-onnx/node'
 *
 * const model = encodeGraph({
 *   name: 'double',
 *   inputs: [{ name: 'x', type: 'float32', shape: ['N'] }],
 *   outputs: [{ name: 'y', type: 'float32', shape: ['N'] }],
 *   initializers: [{ name: 'two', shape: [1], data: Float32Array.of(2) }],
 *   nodes: [{ operator: 'Mul', inputs: ['x', 'two'], outputs: ['y'] }],
 * })
 * const ort = await loadOrt()
 * const session = await ort.InferenceSession.create(model)
 * const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) }, ['y'])
 * console.log(y?.data) // Float32Array(2) [ 2, 4 ]
 * ```
 */
export function encodeGraph(graph: OnnxGraph): Uint8Array {
  assertConnected(graph)
  const head = encoded((writer) => {
    writer.tag(schema.MODEL.irVersion, Varint).int64(schema.IR_VERSION)
    text(writer, schema.MODEL.producerName, '@tab/backend-onnx')
  })
  const tail = encoded((writer) => {
    message(writer, schema.MODEL.opsetImport, () => {
      writer.tag(schema.OPSET.version, Varint).int64(schema.OPSET_VERSION)
    })
    for (const [key, value] of Object.entries(graph.metadata ?? {})) {
      message(writer, schema.MODEL.metadataProps, () => {
        text(writer, schema.ENTRY.key, key)
        text(writer, schema.ENTRY.value, value)
      })
    }
  })
  return joined([head, ...delimited(schema.MODEL.graph, graphPieces(graph)), tail])
}

function encoded(write: (writer: BinaryWriter) => void): Uint8Array {
  const writer = new BinaryWriter()
  write(writer)
  return writer.finish()
}

const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, { length }) => sum + length, 0)

/** A length-delimited field in pieces, so that weights are copied only once, into the file; a single writer copies its content whenever it grows. */
function delimited(field: number, body: readonly Uint8Array[]): Uint8Array[] {
  return [encoded((writer) => writer.tag(field, LengthDelimited).uint32(lengthOf(body))), ...body]
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const file = new Uint8Array(lengthOf(pieces))
  let offset = 0
  for (const piece of pieces) {
    file.set(piece, offset)
    offset += piece.length
  }
  return file
}

function message(writer: BinaryWriter, field: number, body: () => void): void {
  writer.tag(field, LengthDelimited).fork()
  body()
  writer.join()
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, LengthDelimited).string(value)
}

function graphPieces({ name, inputs, outputs, initializers, nodes }: OnnxGraph): Uint8Array[] {
  const head = encoded((writer) => {
    for (const node of nodes) message(writer, schema.GRAPH.node, () => writeNode(writer, node))
    text(writer, schema.GRAPH.name, name)
  })
  const constants = initializers.flatMap((constant) => delimited(schema.GRAPH.initializer, initializerPieces(constant)))
  const tail = encoded((writer) => {
    for (const input of inputs) message(writer, schema.GRAPH.input, () => writeValue(writer, input))
    for (const output of outputs) message(writer, schema.GRAPH.output, () => writeValue(writer, output))
  })
  return [head, ...constants, tail]
}

function writeNode(writer: BinaryWriter, { operator, inputs, outputs, attributes = {} }: OnnxNode): void {
  for (const input of inputs) text(writer, schema.NODE.input, input)
  for (const output of outputs) text(writer, schema.NODE.output, output)
  text(writer, schema.NODE.name, `${operator}:${outputs[0]}`)
  text(writer, schema.NODE.opType, operator)
  for (const [name, value] of Object.entries(attributes)) {
    message(writer, schema.NODE.attribute, () => writeAttribute(writer, name, value))
  }
}

function writeAttribute(writer: BinaryWriter, name: string, value: OnnxAttribute): void {
  const { ATTRIBUTE, ATTRIBUTE_TYPE } = schema
  const type = (code: number): void => void writer.tag(ATTRIBUTE.type, Varint).int32(code)
  text(writer, ATTRIBUTE.name, name)
  if (typeof value === 'string') {
    text(writer, ATTRIBUTE.s, value)
    type(ATTRIBUTE_TYPE.string)
  } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
    writer.tag(ATTRIBUTE.i, Varint).int64(value)
    type(ATTRIBUTE_TYPE.int)
  } else if (typeof value === 'number' || 'float' in value) {
    writer.tag(ATTRIBUTE.f, Bit32).float(typeof value === 'number' ? value : value.float)
    type(ATTRIBUTE_TYPE.float)
  } else {
    for (const item of value) writer.tag(ATTRIBUTE.ints, Varint).int64(item)
    type(ATTRIBUTE_TYPE.ints)
  }
}

function initializerPieces({ name, shape, data }: OnnxInitializer): Uint8Array[] {
  if (sizeOf(shape) !== data.length) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'encodeGraph',
      expected: `constant "${name}" [${shape.join(',')}] needs ${sizeOf(shape)} elements`,
      actual: String(data.length),
    })
  }
  const elementType = data.BYTES_PER_ELEMENT === 8 ? schema.ELEMENT_TYPE.int64 : schema.ELEMENT_TYPE.float32
  const head = encoded((writer) => {
    for (const dimension of shape) writer.tag(schema.TENSOR.dims, Varint).int64(dimension)
    writer.tag(schema.TENSOR.dataType, Varint).int32(elementType)
    text(writer, schema.TENSOR.name, name)
  })
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return [head, ...delimited(schema.TENSOR.rawData, [bytes])]
}

function writeValue(writer: BinaryWriter, { name, type, shape }: OnnxValue): void {
  text(writer, schema.VALUE_INFO.name, name)
  message(writer, schema.VALUE_INFO.type, () => {
    message(writer, schema.TYPE.tensorType, () => {
      writer.tag(schema.TENSOR_TYPE.elementType, Varint).int32(schema.ELEMENT_TYPE[type])
      message(writer, schema.TENSOR_TYPE.shape, () => {
        for (const dimension of shape) {
          message(writer, schema.SHAPE.dimension, () => {
            if (typeof dimension === 'number') writer.tag(schema.DIMENSION.value, Varint).int64(dimension)
            else text(writer, schema.DIMENSION.parameter, dimension)
          })
        }
      })
    })
  })
}

/** Refuses dangling names here, as the message of a runtime says little about where a name comes from. */
function assertConnected({ inputs, outputs, initializers, nodes }: OnnxGraph): void {
  const known = new Set<string>()
  const refuse = (expected: string, actual: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where: 'encodeGraph', expected, actual })
  }
  const make = (name: string): void => {
    if (known.has(name)) refuse('names defined once', `"${name}" twice`)
    known.add(name)
  }
  for (const { name } of [...inputs, ...initializers]) make(name)
  for (const { operator, inputs: used, outputs: made } of nodes) {
    for (const name of used)
      if (name !== '' && !known.has(name)) refuse('values computed before they are used', `"${name}" in ${operator}`)
    made.forEach(make)
  }
  for (const { name } of outputs) if (!known.has(name)) refuse('outputs that a node computes', `"${name}"`)
}
