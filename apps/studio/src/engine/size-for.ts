const STEP = 16 // pixels: the network's coarsest stride

/**
 * The size that pictures are brought to: about as many pixels as a square has, in their own proportions, so that they are not squeezed.
 * @param original `[height, width]`
 * @param side of the square
 */
export function sizeFor([height, width]: readonly [number, number], side: number): readonly [number, number] {
  const stretch = Math.sqrt(height / width)
  const whole = (length: number): number => Math.max(STEP, Math.round(length / STEP) * STEP)
  return [whole(side * stretch), whole(side / stretch)]
}
