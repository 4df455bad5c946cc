import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig } from 'tsup'

export default defineConfig({
  entry: { bin: 'src/bin.ts' },
  external: ['@tab/server', '@tab/jobs'], // installed by who serves or has workers; no peer, as each of its versions would make another major one of the command
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  treeshake: true,
  sourcemap: true,
  clean: true,
  // The page of `tab studio` travels with the command.
  onSuccess: () =>
    cp(join('node_modules', 'tab-studio', 'dist'), join('dist', 'studio'), { recursive: true, dereference: true }),
})
