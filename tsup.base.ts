import type { Options } from 'tsup'

/** Build settings shared by every library package: ESM and CJS with declarations and source maps, nothing bundled but our own files. */
export function library(entry: Record<string, string>, overrides: Options = {}): Options {
  const forNode = Object.values(entry).some((file) => file.includes('/node/'))
  return {
    entry,
    format: ['esm', 'cjs'],
    target: 'es2022',
    platform: 'neutral',
    external: [/^node:/],
    removeNodeProtocol: false,
    treeshake: true,
    splitting: true,
    sourcemap: true,
    clean: true,
    dts: {
      compilerOptions: {
        ignoreDeprecations: '6.0',
        composite: false,
        incremental: false,
        noEmit: false,
        customConditions: [],
        ...(forNode ? { types: ['node'] } : {}),
      },
    },
    ...overrides,
  }
}
