import { interpolateTurbo } from 'd3-scale-chromatic'

/** The Turbo colour map (Mikhailov 2019) as 256 RGB triples. */
export function turbo(): Uint8Array {
  const table = new Uint8Array(256 * 3)
  for (let level = 0; level < 256; level++) {
    const parts = interpolateTurbo(level / 255).match(/\d+/g) as string[]
    table.set(parts.slice(0, 3).map(Number), level * 3)
  }
  return table
}

/** Turbo as CSS colours, from low to high. */
export function colorScale(count: number): string[] {
  return Array.from({ length: count }, (_, index) => interpolateTurbo(index / (count - 1)))
}
