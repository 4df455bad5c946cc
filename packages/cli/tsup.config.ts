import { defineConfig } from 'tsup'

export default defineConfig({
  // A thread starts from a file, so its code is an entry of its own.
  entry: { bin: 'src/bin.ts', 'benchmark-worker': 'src/benchmark/worker.ts' },
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  treeshake: true,
  sourcemap: true,
  clean: true,
})
