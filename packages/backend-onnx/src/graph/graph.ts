/** A dimension: a number, or the name of one that is free at run time. */
export type Dimension = number | string

/** A graph input or output of element type float32, int32 or int64. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float32' | 'int32' | 'int64'
  readonly shape: readonly Dimension[]
}

/** A constant of the graph: weights as float32, shapes and axes as int64. */
export type OnnxInitializer =
  | { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly name: string; readonly shape: readonly number[]; readonly data: BigInt64Array }

/** A node attribute; a whole number is written as INT and any other as FLOAT unless given as `{ float }`. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[]

export interface OnnxNode {
  /** Operator of the default ONNX domain: `Conv`, `Gemm`, ... */
  readonly operator: string
  /** Names of values; an empty one leaves an optional input out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** A model as plain data, in the order that the nodes run. */
export interface OnnxGraph {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers: readonly OnnxInitializer[]
  readonly nodes: readonly OnnxNode[]
  /** Free strings kept in the file (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>
}
