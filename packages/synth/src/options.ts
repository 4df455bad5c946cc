import { checkNumber, randomUniform, TabError, type NumberBounds, type Rng } from '@tab/core'

/** A range `[minimum, maximum]` from which a parameter is drawn. */
export type Range = readonly [number, number]

/** @throws INVALID_ARGUMENT unless the range is in order and within the bounds */
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

/** @throws INVALID_ARGUMENT for unknown options, so that a typo is not ignored in silence */
export function checkKnown(where: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).filter((key) => !known.includes(key))
  if (unknown.length === 0) return
  throw new TabError('INVALID_ARGUMENT', {
    where,
    expected: `options must be among ${known.join(', ')}`,
    actual: unknown.join(', '),
  })
}
