import { defineConfig } from 'tsup'
import { library } from '../../tsup.base.ts'

// `shims` gives CJS the import.meta.url that bundled weights lie beside.
export default defineConfig(library({ index: 'src/index.ts', node: 'src/node/index.ts' }, { shims: true }))
