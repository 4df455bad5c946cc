import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

// The worker is an entry of its own, as a thread starts from a file; `shims` tells CJS where that file lies.
export default defineConfig(
  library({ index: 'src/index.ts', node: 'src/node/index.ts', worker: 'src/node/worker.ts' }, { shims: true }),
)
