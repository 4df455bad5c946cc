import { deriveRng, sizeOf, tensor, type Tensor } from '@tab/core'

/** Uniform weights of a linear layer [in,out] and its bias, as torch's default: within 1/sqrt(in). */
export function linearWeights(
  seed: number | string,
  name: string,
  inputs: number,
  outputs: number,
): Map<string, Tensor> {
  const rng = deriveRng(seed, 'head', name)
  const bound = 1 / Math.sqrt(inputs)
  const draw = (shape: readonly number[]): Tensor =>
    tensor(
      shape,
      Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * rng() - 1)),
    )
  return new Map([
    [`${name}.weight`, draw([inputs, outputs])],
    [`${name}.bias`, draw([outputs])],
  ])
}
