import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileKernel } from '../../../scripts/compile-kernel.mjs'

const KERNELS = {
  'k-center': { constant: 'K_CENTER_KERNEL', module: 'patchcore/k-center-kernel.generated.ts' },
  'co-moments': { constant: 'CO_MOMENTS_KERNEL', module: 'padim/co-moments-kernel.generated.ts' },
}

/** The generated module's text. */
export const kernelModule = (name = 'k-center') =>
  compileKernel(new URL(`../assembly/${name}.ts`, import.meta.url), KERNELS[name].constant)

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, { module }] of Object.entries(KERNELS)) {
    writeFileSync(new URL(`../src/${module}`, import.meta.url), await kernelModule(name))
  }
}
