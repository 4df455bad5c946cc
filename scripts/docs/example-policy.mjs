/** The packages of which every public function and class has an example in its docstring. New packages are added here. */
export const WITH_EXAMPLES = [
  ...['@tab/core', '@tab/kernels', '@tab/data', '@tab/synth', '@tab/prompts', '@tab/metrics', '@tab/adapters'],
  ...[
    '@tab/backend-onnx',
    '@tab/backend-tfjs',
    '@tab/model',
    '@tab/weights',
    '@tab/pipeline',
    '@tab/report',
    '@tab/server',
    '@tab/jobs',
  ],
]

/** What may keep an example from running: the reasons after `no-run:`. A function that needs none of these must have one that runs. */
export const REASONS = [
  'needs a browser',
  'needs the network',
  'needs a test runner',
  'needs a GPU',
  'needs optional packages',
  'trains for minutes',
]
