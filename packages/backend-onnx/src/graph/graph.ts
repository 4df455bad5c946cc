/** A dimension: a number, or a name where it is free at run time. */
export type Dimension = number | string

/** An input or output of the graph. */
export interface OnnxValue {
  readonly name: string
  readonly type: 'float32' | 'int32' | 'int64'
  readonly shape: readonly Dimension[]
}

/** A constant of the graph: float32 for weights, int64 for shapes and axes. */
export type OnnxInitializer =
  | { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly name: string; readonly shape: readonly number[]; readonly data: BigInt64Array }

/** A node attribute. A whole number is written as INT, unless given as `{ float }`; any other number as FLOAT. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[]

export interface OnnxNode {
  /** Operator of the default ONNX domain: `Conv`, `Gemm`, ... */
  readonly operator: string
  /** Names of values; an empty name omits an optional input. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>
}

/** A model as plain data; nodes are in the order in which they run. */
export interface OnnxGraph {
  readonly name: string
  readonly inputs: readonly OnnxValue[]
  readonly outputs: readonly OnnxValue[]
  readonly initializers: readonly OnnxInitializer[]
  readonly nodes: readonly OnnxNode[]
  /** Free-form strings stored in the file (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>
}
