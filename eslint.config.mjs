import js from '@eslint/js'
import tseslint from 'typescript-eslint'

/** Who may import whom: the arrows of ARCHITECTURE.md. What is not named is out of bounds; `package/entry` allows that entry alone. */
const ARROWS = {
  core: [],
  kernels: ['core'],
  metrics: ['core'],
  synth: ['core'],
  prompts: ['core'],
  'backend-onnx': ['core', 'kernels'],
  'backend-tfjs': ['core', 'kernels'],
  model: ['core', 'backend-onnx/graph', 'backend-onnx/training', 'backend-tfjs'],
  adapters: ['core', 'kernels'],
  data: ['core'],
  weights: ['core', 'backend-onnx', 'model'],
  pipeline: [
    'core',
    'kernels',
    'metrics',
    'synth',
    'prompts',
    'backend-onnx',
    'backend-tfjs',
    'model',
    'adapters',
    'data',
    'weights',
  ],
  report: ['core', 'metrics', 'model/training', 'data', 'pipeline/results'],
  server: ['core', 'adapters', 'pipeline', 'report'],
  jobs: ['core', 'pipeline'],
  cli: [
    ...['core', 'metrics', 'synth', 'prompts', 'backend-onnx', 'backend-tfjs', 'model', 'adapters', 'data'],
    ...['kernels', 'weights', 'pipeline', 'report', 'server', 'jobs'],
  ],
}

function arrows(name, allowed) {
  const entries = allowed.map((entry) => (entry.includes('/') ? entry : `${entry}(?:/.*)?`))
  return {
    files: [`packages/${name}/src/**/*.{ts,tsx}`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^@tab/(?!(?:${entries.join('|')})$)`,
              message: `@tab/${name} may import ${allowed.map((entry) => `@tab/${entry}`).join(', ') || 'no other package'}.`,
            },
          ],
        },
      ],
    },
  }
}

const NODE_ONLY = ['process', 'Buffer', '__dirname', '__filename', 'require', 'setImmediate']
const BROWSER_ONLY = ['window', 'document', 'navigator', 'localStorage']

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/.turbo/**',
      '**/*.generated.ts',
      'packages/*/assembly/**',
      '**/tab-output/**',
      'demo-output/**',
      'docs-site/**',
    ],
  },
  js.configs.recommended,
  tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Pass an Rng or a seed.' }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  ...Object.entries(ARROWS).map(([name, allowed]) => arrows(name, allowed)),
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/*/src/{node,browser}/**', 'packages/{cli,server,jobs}/**'],
    rules: {
      'no-restricted-globals': ['error', ...NODE_ONLY, ...BROWSER_ONLY],
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'Buffer',
          'performance',
          'setTimeout',
          'clearTimeout',
          'fetch',
          'module',
          'require',
          'document',
          'window',
          'TextDecoder',
          'TextEncoder',
          'structuredClone',
          'AbortController',
          'globalThis',
          'Worker',
          'navigator',
          'setImmediate',
          'sessionStorage',
          'setInterval',
          'FormData',
          'Option',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
)
