/** Mutation tests; `npm run mutation -- PACKAGE` fills in what is mutated and which tests judge it (scripts/mutation.mjs). */
export default {
  plugins: ['@stryker-mutator/jest-runner', './scripts/mutation-reporter.mjs'],
  testRunner: 'jest',
  // Jest runs ES modules; its environment of this project is one, and Stryker requires it.
  testRunnerNodeArgs: [
    '--experimental-vm-modules',
    '--experimental-require-module',
    '--disable-warning=ExperimentalWarning',
  ],
  jest: { configFile: 'jest.mutation.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  ignoreStatic: true, // a constant is judged by every test: too slow for what it tells
  // Messages are judged by eye; their texts would be half of all mutants.
  mutator: { excludedMutations: ['StringLiteral'] },
  reporters: ['clear-text', 'json', 'survivors'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: process.env.TAB_MUTATION_JSON ?? '.stryker-tmp/mutation.json' },
  ignorePatterns: [
    '.turbo',
    'dist',
    'docs',
    'bench',
    'examples',
    'demo-output',
    'docs-site',
    'tab-output',
    '*.tsbuildinfo',
  ],
  maxTestRunnerReuse: 40, // each run keeps its modules
  timeoutMS: 30_000,
  disableTypeChecks: false, // swc reads no types
  allowEmpty: true,
}
