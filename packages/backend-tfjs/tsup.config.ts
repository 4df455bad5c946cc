import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

// `shims` gives CJS the import.meta.url that requires start from.
export default defineConfig(library({ index: 'src/index.ts', node: 'src/node/index.ts' }, { shims: true }))
