import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compileKernel } from './compile-kernel.mjs'

/** Each kernel and the constant that holds it. */
const KERNELS = {
  whitening: 'WHITENING_KERNEL',
  'k-center': 'K_CENTER_KERNEL',
  'co-moments': 'CO_MOMENTS_KERNEL',
  winograd: 'WINOGRAD_KERNEL',
}
/** Those that work in the memory of an engine, which may be shared by threads. */
const SHARED = ['winograd']

/** The generated module of a kernel, and where it is kept. */
export const generated = (name) => new URL(`../src/${name}/${name}-kernel.generated.ts`, import.meta.url)

/** The text of that module. */
export const kernelModule = (name) =>
  compileKernel(new URL(`../assembly/${name}.ts`, import.meta.url), KERNELS[name], SHARED.includes(name))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of Object.keys(KERNELS)) writeFileSync(generated(name), await kernelModule(name))
}
