export type { Dimension, OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from './graph.ts'
export { encodeGraph } from './encode-graph.ts'
export { readOnnxMetadata } from './read-metadata.ts'
export { OPSET_VERSION } from './schema.ts'
