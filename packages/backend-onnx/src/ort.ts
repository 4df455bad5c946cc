/** The part of an ONNX Runtime package that is used: onnxruntime-node, onnxruntime-web and its entries all fit. */
export interface OrtModule {
  readonly InferenceSession: {
    create(model: Uint8Array, options?: OrtSessionOptions): Promise<OrtSession>
  }
  readonly Tensor: OrtTensorConstructor
}

export interface OrtTensorConstructor {
  new (type: 'float32', data: Float32Array, dims: readonly number[]): OrtTensor
  new (type: 'int64', data: BigInt64Array, dims: readonly number[]): OrtTensor
}

export interface OrtTensor {
  readonly data: unknown
  readonly dims: readonly number[]
}

/** Options of ONNX Runtime's own that matter here; see its documentation. */
export interface OrtSessionOptions {
  /** Where it computes: `['cpu']`, `['webgpu']`, ... */
  readonly executionProviders?: readonly unknown[]
  /** Threads of one operation. */
  readonly intraOpNumThreads?: number
  /** Entries of ONNX Runtime's session configuration, nested by the dots of their names. Default: `session.force_spinning_stop` 1. */
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
