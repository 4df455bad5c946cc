import { availableParallelism } from 'node:os'

// Tests that import ONNX Runtime by themselves: set here, as each test has a copy of the environment that native code does not see.
process.env.ORT_DISABLE_TELEMETRY ??= '1'

/** Tests read the sources by the "@tab/source" condition; TAB_DIST=1 runs the same tests against the built packages. */
const conditions = process.env.TAB_DIST === '1' ? ['node', 'node-addons'] : ['@tab/source', 'node', 'node-addons']

export default {
  globalSetup: '<rootDir>/scripts/sources/bundle.mjs',
  globalTeardown: '<rootDir>/scripts/sources/remove.mjs',
  testMatch: ['<rootDir>/packages/*/test/**/*.test.{ts,tsx}', '<rootDir>/test/**/*.test.ts'],
  testEnvironment: '<rootDir>/scripts/jest-environment.mjs',
  testEnvironmentOptions: { customExportConditions: conditions },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '/(packages/[^/]+/dist|@tensorflow)/.*\\.js$': ['<rootDir>/scripts/jest-transform.mjs', { plain: true }],
    '\\.tsx?$': [
      '<rootDir>/scripts/jest-transform.mjs',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/packages/.*/dist/', '<rootDir>/.stryker-tmp/'],
  transformIgnorePatterns: ['/node_modules/(?!\\.pnpm/@tensorflow|@tensorflow/)'],
  maxWorkers: availableParallelism() + 1, // tests also wait for disks, browsers and processes; by default two cores get one worker
  testTimeout: 60_000,
}
