/** The two functions that a conformance suite needs from a test runner; jest, vitest and node:test have them. */
export interface TestRunner {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
}

/** The given runner, or the global `describe` and `test`. */
export function resolveRunner(runner: TestRunner | undefined): TestRunner {
  if (runner) return runner
  const found = globalThis as Partial<TestRunner>
  if (found.describe && found.test) return { describe: found.describe, test: found.test }
  throw new Error('no global describe and test: pass { runner: { describe, test } }')
}
