import { loadPackage } from '../engines/load-package.ts'

/** Provides WebGPU in Node through the package `webgpu` (Dawn): tfjs looks for `navigator.gpu` when its backend is loaded. */
export async function prepareDawn(): Promise<void> {
  const scope = globalThis as { navigator?: { gpu?: unknown } }
  if (scope.navigator?.gpu) return
  const name = 'webgpu'
  const dawn = await loadPackage(
    name,
    () => import(name) as Promise<{ create(options: string[]): unknown; globals: object }>,
  )
  Object.assign(globalThis, dawn.globals)
  if (!scope.navigator)
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true })
  Object.defineProperty(scope.navigator as object, 'gpu', { value: dawn.create([]), configurable: true })
}
