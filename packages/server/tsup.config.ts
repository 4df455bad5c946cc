import { defineConfig } from 'tsup'
import { DECLARATIONS, library } from '../../tsup.base.ts'

// Threads start from files, so their code is an entry each. Only Node runs this, and only as a module.
export default defineConfig(
  library(
    {
      index: 'src/index.ts',
      'inspect-thread': 'src/inspection/inspect-thread.ts',
      'store-thread': 'src/store/store-thread.ts',
    },
    {
      format: ['esm'],
      platform: 'node',
      // Its types follow from the schemas of what goes over the wire, so that no file has them alone.
      dts: {
        entry: { index: 'src/index.ts' },
        compilerOptions: { ...DECLARATIONS, types: ['node'], isolatedDeclarations: false },
      },
    },
  ),
)
