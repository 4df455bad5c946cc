import { fileURLToPath } from 'node:url'
import base from './jest.config.mjs'
import { entryPoints } from './scripts/workspace.mjs'

/** Tests of mutated sources: packages are those of this very folder, a copy that Stryker makes, and not what node_modules links to. */
export default {
  ...base,
  testEnvironment: fileURLToPath(new URL('scripts/jest-environment.mjs', import.meta.url)), // Stryker knows no <rootDir> there
  testMatch: JSON.parse(process.env.TAB_MUTATION_TESTS ?? '["<rootDir>/packages/*/test/**/*.test.ts"]'),
  moduleNameMapper: Object.fromEntries(entryPoints().map(({ name, source }) => [`^${name}$`, source])),
  maxWorkers: 1,
}
