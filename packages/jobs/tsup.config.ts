import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

// A thread starts from a file, so its code is an entry of its own. Only Node runs this, and only as a module.
export default defineConfig(
  library({ index: 'src/index.ts', 'fit-thread': 'src/worker/fit-thread.ts' }, { format: ['esm'], platform: 'node' }),
)
