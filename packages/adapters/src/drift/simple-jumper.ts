/** Evidence against "these p-values are independent and uniform", as a betting game that is fair if they are. */
export interface TestMartingale {
  /** What a stake of 1 has become. */
  readonly value: number
  /** @param p from 0 to 1 */
  bet(p: number): void
}

const JUMP = 0.01 // share of the capital that changes its mind at each step
const BETS = [-1, 0, 1] as const // on small values, on none, on large ones
const MOST = 1e300

/**
 * The simple jumper: three players bet 1 + e (p - 1/2) on each p-value, and exchange a hundredth of their capital before each step, so that it also follows a
 * change that comes late [Vovk 2021, Testing randomness online].
 */
export function simpleJumper(): TestMartingale {
  let capital = BETS.map(() => 1 / BETS.length)
  const total = (): number => capital.reduce((sum, one) => sum + one, 0)
  return {
    get value() {
      return total()
    },
    bet(p) {
      const shared = (JUMP * total()) / BETS.length
      const next = capital.map((one, index) => ((1 - JUMP) * one + shared) * (1 + (BETS[index] as number) * (p - 0.5)))
      // Far beyond any alarm: it may stop growing, but must stay a number.
      if (next.every((one) => one < MOST)) capital = next
    },
  }
}
