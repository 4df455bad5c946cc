import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

// A thread starts from a file, so its code is an entry of its own; `shims` tells CJS where that file lies.
export default defineConfig(
  library(
    {
      index: 'src/index.ts',
      results: 'src/results/index.ts',
      node: 'src/node/index.ts',
      browser: 'src/browser/index.ts',
      'benchmark-worker': 'src/node/benchmark/worker.ts',
      // A file of its own, so that a page that only opens detectors leaves it and its schemas out.
      'detector-spec': 'src/spec/detector-spec.ts',
    },
    { shims: true },
  ),
)
