import { checkNumber, TabError } from '@tab/core'

/**
 * Scales of the images, the first of which gives the grid.
 * @throws INVALID_ARGUMENT unless they descend from 1
 */
export function checkScales(where: string, scales: unknown): readonly number[] {
  if (!Array.isArray(scales) || scales[0] !== 1) {
    const actual = JSON.stringify(scales) ?? String(scales)
    throw new TabError('INVALID_ARGUMENT', { where, expected: 'scales from 1 down, such as [1, 0.5]', actual })
  }
  return scales.map((scale: unknown, index) =>
    index === 0
      ? 1
      : checkNumber(where, `scales[${index}]`, scale as number, { above: 0, below: scales[index - 1] as number }),
  )
}
