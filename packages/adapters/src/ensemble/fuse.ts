import type { Scale } from './member-scale.ts'

/** How members' values are fused. With `harmonic` all members must find an image anomalous, with `max` any of them. */
export type Fusion = 'mean' | 'max' | 'harmonic'

export const FUSIONS: readonly Fusion[] = ['mean', 'max', 'harmonic']

/**
 * Fuses the members' values on their common scale, element by element. The harmonic mean needs positive values: WinCLIP+ (Jeong et
 * al. 2023) takes it over probabilities, this function over softplus(x) = ln(1 + e^x), which does not saturate at 1.
 * @param values of each member, all of the same length
 * @param scales of each member
 */
export function fuse(values: readonly Float32Array[], scales: readonly Scale[], fusion: Fusion): Float32Array {
  const fused = new Float32Array((values[0] as Float32Array).length)
  const scaled = new Float64Array(values.length)
  for (let i = 0; i < fused.length; i++) {
    values.forEach((own, member) => {
      const { zero, unit } = scales[member] as Scale
      scaled[member] = ((own[i] as number) - zero) / unit
    })
    fused[i] = JOIN[fusion](scaled)
  }
  return fused
}

const JOIN: Readonly<Record<Fusion, (values: Float64Array) => number>> = {
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max: (values) => Math.max(...values),
  harmonic: (values) => values.length / values.reduce((sum, value) => sum + 1 / softplus(value), 0),
}

/** ln(1 + e^x), without overflow, and above 0 wherever a double can represent it. */
function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))
}
