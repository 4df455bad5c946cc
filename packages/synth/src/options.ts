import { checkNumber, randomUniform, TabError, type NumberBounds, type Rng } from '@tab/core'

/** A range `[minimum, maximum]` that a parameter is drawn from. */
export type Range = readonly [number, number]

/** @throws INVALID_ARGUMENT unless both ends keep the bounds and are in order */
export function checkRange(where: string, name: string, range: Range, bounds: NumberBounds = {}): Range {
  if (!Array.isArray(range) || range.length !== 2) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `${name} must be [minimum, maximum]`,
      actual: String(range),
    })
  }
  checkNumber(where, `${name}[0]`, range[0], bounds)
  checkNumber(where, `${name}[1]`, range[1], { ...bounds, minimum: range[0] })
  return range
}

export function drawFrom(rng: Rng, [minimum, maximum]: Range): number {
  return randomUniform(rng, minimum, maximum)
}

/** @throws INVALID_ARGUMENT for options that the function does not know: a typo would be ignored in silence */
export function checkKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `options must be among ${known.join(', ')}`,
    actual: unknown.join(', '),
  })
}
