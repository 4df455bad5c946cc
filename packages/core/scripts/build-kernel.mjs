import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileKernel } from '../../../scripts/compile-kernel.mjs'

/** The generated module's text. */
export const kernelModule = () =>
  compileKernel(new URL('../assembly/whitening.ts', import.meta.url), 'WHITENING_KERNEL')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/backend-kit/whitening-kernel.generated.ts', import.meta.url), await kernelModule())
}
