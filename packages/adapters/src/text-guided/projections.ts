import { tensor, type Backend, type Tensor } from '@tab/core'

const LAYER_NORM_EPSILON = 1e-5
const LARGEST_LOG_SCALE = Math.log(100)

type Heads = ReadonlyMap<string, Tensor>

/** Averages a layer [N,h,w,C] over its positions: [N,C]. */
export function pooled({ shape, data }: Tensor): Tensor {
  const [count, height, width, channels] = shape as [number, number, number, number]
  const positions = height * width
  const sums = new Float64Array(count * channels)
  for (let row = 0, at = 0; row < count * positions; row++) {
    const start = Math.floor(row / positions) * channels
    for (let c = 0; c < channels; c++, at++) sums[start + c] = (sums[start + c] as number) + (data[at] as number)
  }
  return tensor(
    [count, channels],
    Float32Array.from(sums, (sum) => sum / positions),
  )
}

/**
 * TAB's projection head (Lee & Lai 2023), without the dropout of training: h = fc1(x); LayerNorm(fc2(relu(h)) + h), as unit vectors.
 * @param x [N,C]
 * @returns [N,D]
 */
export async function projectImages(backend: Backend, x: Tensor, heads: Heads, prefix: string): Promise<Tensor> {
  const hidden = await linear(backend, x, heads, `${prefix}.fc1`)
  const positive = tensor(
    hidden.shape,
    hidden.data.map((value) => Math.max(0, value)),
  )
  const { shape, data } = await linear(backend, positive, heads, `${prefix}.fc2`)
  const sum = data.map((value, index) => value + (hidden.data[index] as number))
  const dimension = shape[1] as number
  const scale = (heads.get(`${prefix}.norm.weight`) as Tensor).data
  const shift = (heads.get(`${prefix}.norm.bias`) as Tensor).data
  for (let start = 0; start < sum.length; start += dimension) {
    const row = sum.subarray(start, start + dimension)
    const mean = row.reduce((total, value) => total + value, 0) / dimension
    const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / dimension
    const inverse = 1 / Math.sqrt(variance + LAYER_NORM_EPSILON)
    row.forEach((value, i) => (row[i] = (value - mean) * inverse * (scale[i] as number) + (shift[i] as number)))
  }
  return unitRows(tensor(shape, sum))
}

/** Projects every position [M,C] of a layer to a unit vector [M,D]. */
export async function projectPatches(backend: Backend, x: Tensor, heads: Heads, layer: string): Promise<Tensor> {
  return unitRows(await linear(backend, x, heads, `patch.${layer}`))
}

/**
 * Probability of the abnormal state in softmax(s (z_n T_n, z_a T_a)), with s = exp(min(logScale, ln 100)).
 * @param normal z_n [M,D], unit vectors; with one head the same as `abnormal`
 * @returns M probabilities
 */
export async function abnormalProbabilities(
  backend: Backend,
  normal: Tensor,
  abnormal: Tensor,
  prototypes: { readonly normal: Tensor; readonly abnormal: Tensor },
  heads: Heads,
): Promise<Float32Array> {
  const dimension = normal.shape[1] as number
  const states = new Float32Array(2 * dimension)
  states.set(prototypes.normal.data)
  states.set(prototypes.abnormal.data, dimension)
  const both = tensor([2, dimension], states)
  const toNormal = await backend.matmul(normal, both, { transposeB: true })
  const toAbnormal = normal === abnormal ? toNormal : await backend.matmul(abnormal, both, { transposeB: true })
  const scale = Math.exp(Math.min((heads.get('logScale') as Tensor).data[0] as number, LARGEST_LOG_SCALE))
  return Float32Array.from({ length: normal.shape[0] as number }, (_, row) => {
    const difference = (toAbnormal.data[2 * row + 1] as number) - (toNormal.data[2 * row] as number)
    return 1 / (1 + Math.exp(-scale * difference))
  })
}

async function linear(backend: Backend, x: Tensor, heads: Heads, name: string): Promise<Tensor> {
  const { shape, data } = await backend.matmul(x, heads.get(`${name}.weight`) as Tensor)
  const bias = (heads.get(`${name}.bias`) as Tensor).data
  const width = bias.length
  return tensor(
    shape,
    data.map((value, index) => value + (bias[index % width] as number)),
  )
}

/** Scales rows to L2 norm 1, in place, with the epsilon of the training. */
function unitRows({ shape, data }: Tensor): Tensor {
  const dimension = shape[1] as number
  for (let start = 0; start < data.length; start += dimension) {
    const row = data.subarray(start, start + dimension)
    const inverse = 1 / Math.sqrt(row.reduce((total, value) => total + value * value, 0) + 1e-12)
    row.forEach((value, i) => (row[i] = value * inverse))
  }
  return tensor(shape, data)
}
