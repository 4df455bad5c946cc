import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

export default defineConfig(
  library({
    index: 'src/index.ts',
    graph: 'src/graph/index.ts',
    training: 'src/training/index.ts',
    node: 'src/node/index.ts',
  }),
)
