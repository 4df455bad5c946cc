/** The part of ONNX Runtime used here; onnxruntime-node, onnxruntime-web and its entries all have it. */
export interface OrtModule {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: OrtSessionOptions): Promise<OrtSession>
  }
  readonly Tensor: OrtTensorConstructor
  /** Says `versions.node` in onnxruntime-node, whose sessions may run side by side. */
  readonly env?: { readonly versions?: { readonly node?: string | undefined } }
}

export interface OrtTensorConstructor {
  new (type: 'float32', data: Float32Array, dims: readonly number[]): OrtTensor
  new (type: 'int64', data: BigInt64Array, dims: readonly number[]): OrtTensor
}

export interface OrtTensor {
  readonly data: unknown
  readonly dims: readonly number[]
}

/** Options of ONNX Runtime, which documents them. */
export interface OrtSessionOptions {
  /** What to compute on: `['cpu']`, `['webgpu']`, ... */
  readonly executionProviders?: readonly unknown[]
  /** Number of threads per operation. */
  readonly intraOpNumThreads?: number
  /** Entries of ONNX Runtime's session configuration, nested at the dots of their names. Default: `session.force_spinning_stop` is 1. */
  readonly extra?: Readonly<Record<string, unknown>>
}

export interface OrtSession {
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  run(
    feeds: Readonly<Record<string, OrtTensor>>,
    fetches: readonly string[],
  ): Promise<Readonly<Record<string, OrtTensor>>>
  release(): Promise<void>
}
