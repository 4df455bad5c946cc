import { createHash } from 'node:crypto'

const SHARE = 0.2

/**
 * A fifth of the names (at least one of two or more), held out for the test if a data set has no split: those with the smallest
 * SHA-256, so the choice is the same on every platform and hardly changes when images are added.
 */
export function holdOut(names: readonly string[]): ReadonlySet<string> {
  if (names.length < 2) return new Set()
  const digest = (name: string): string => createHash('sha256').update(name).digest('hex')
  const ranked = names.map((name) => ({ name, rank: digest(name) })).sort((a, b) => (a.rank < b.rank ? -1 : 1))
  return new Set(ranked.slice(0, Math.max(1, Math.round(names.length * SHARE))).map(({ name }) => name))
}
