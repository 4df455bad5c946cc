/**
 * Field numbers and codes of the ONNX schema that this package uses.
 * @see https://github.com/onnx/onnx/blob/v1.16.0/onnx/onnx.proto (IR version 8, opset 17)
 */
export const IR_VERSION = 8
export const OPSET_VERSION = 17

export const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8, metadataProps: 14 } as const
export const OPSET = { version: 2 } as const
export const ENTRY = { key: 1, value: 2 } as const
export const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const
export const NODE = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 } as const
export const ATTRIBUTE = { name: 1, f: 2, i: 3, s: 4, floats: 7, ints: 8, type: 20 } as const
export const ATTRIBUTE_TYPE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const
export const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const
export const VALUE_INFO = { name: 1, type: 2 } as const
export const TYPE = { tensorType: 1 } as const
export const TENSOR_TYPE = { elementType: 1, shape: 2 } as const
export const SHAPE = { dimension: 1 } as const
export const DIMENSION = { value: 1, parameter: 2 } as const
export const ELEMENT_TYPE = { float32: 1, int32: 6, int64: 7 } as const
