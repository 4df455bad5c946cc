import { encodeGraph, type OnnxNode, type OnnxValue } from './graph/index.ts'

const float = (name: string, ...shape: (number | string)[]): OnnxValue => ({ name, type: 'float32', shape })

/** The graph of product = a b, or a b^T. */
export function matmulGraph(transposeB: boolean): Uint8Array {
  return encodeGraph({
    name: 'matmul',
    inputs: [float('a', 'M', 'K'), transposeB ? float('b', 'N', 'K') : float('b', 'K', 'N')],
    outputs: [float('product', 'M', 'N')],
    initializers: [],
    nodes: [{ operator: 'Gemm', inputs: ['a', 'b'], outputs: ['product'], attributes: { transB: transposeB ? 1 : 0 } }],
  })
}

/**
 * Finds the k rows of a chunk with the smallest |b|^2 - 2 q b, the squared distance minus |q|^2: one matrix product computes all
 * pairs.
 */
export function nearestRowsGraph(): Uint8Array {
  return encodeGraph({
    name: 'nearest-rows',
    inputs: [
      float('queries', 'Q', 'D'),
      float('bank', 'B', 'D'),
      float('norms', 'B'),
      { name: 'k', type: 'int64', shape: [1] },
    ],
    outputs: [float('values', 'Q', 'k'), { name: 'rows', type: 'int32', shape: ['Q', 'k'] }],
    initializers: [],
    nodes: [
      {
        operator: 'Gemm',
        inputs: ['queries', 'bank', 'norms'],
        outputs: ['distances'],
        attributes: { alpha: { float: -2 }, transB: 1 },
      },
      { operator: 'TopK', inputs: ['distances', 'k'], outputs: ['values', 'rows64'], attributes: { largest: 0 } },
      { operator: 'Cast', inputs: ['rows64'], outputs: ['rows'], attributes: { to: 6 } }, // INT32, to avoid BigInt
    ],
  })
}

/** scores[n,p] = |(x[n,p] - mean_p) W_p|, with W given as `whitening` [P,D,D]. */
export function mahalanobisGraph(): Uint8Array {
  return gaussianGraph(
    'mahalanobis',
    [float('whitening', 'P', 'D', 'D')],
    [{ operator: 'MatMul', inputs: ['by-position', 'whitening'], outputs: ['whitened'] }],
  )
}

/** scores[n,p] = |y - (y A_p) B_p| with y = x[n,p] - mean_p; A is `project` [P,D,R], B `expand` [P,R,D]. */
export function lowRankMahalanobisGraph(): Uint8Array {
  return gaussianGraph(
    'low-rank-mahalanobis',
    [float('project', 'P', 'D', 'R'), float('expand', 'P', 'R', 'D')],
    [
      { operator: 'MatMul', inputs: ['by-position', 'project'], outputs: ['projected'] },
      { operator: 'MatMul', inputs: ['projected', 'expand'], outputs: ['explained'] },
      { operator: 'Sub', inputs: ['by-position', 'explained'], outputs: ['whitened'] },
    ],
  )
}

/** Norms of vectors that `nodes` turn from `by-position` [P,N,D] into `whitened`. */
function gaussianGraph(name: string, inputs: readonly OnnxValue[], nodes: readonly OnnxNode[]): Uint8Array {
  return encodeGraph({
    name,
    inputs: [float('vectors', 'N', 'P', 'D'), float('mean', 'P', 'D'), ...inputs],
    outputs: [float('scores', 'N', 'P')],
    initializers: [{ name: 'axes', shape: [1], data: BigInt64Array.of(2n) }],
    nodes: [
      { operator: 'Sub', inputs: ['vectors', 'mean'], outputs: ['centred'] },
      { operator: 'Transpose', inputs: ['centred'], outputs: ['by-position'], attributes: { perm: [1, 0, 2] } },
      ...nodes,
      { operator: 'Mul', inputs: ['whitened', 'whitened'], outputs: ['squares'] },
      { operator: 'ReduceSum', inputs: ['squares', 'axes'], outputs: ['squared'], attributes: { keepdims: 0 } },
      { operator: 'Sqrt', inputs: ['squared'], outputs: ['distances'] },
      { operator: 'Transpose', inputs: ['distances'], outputs: ['scores'], attributes: { perm: [1, 0] } },
    ],
  })
}
