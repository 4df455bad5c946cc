import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Options } from 'tsup'
import ts from 'typescript'

/** Build settings shared by every library package: ESM and CJS with declarations and source maps, nothing bundled but our own files. */
export function library(entry: Record<string, string>, overrides: Options = {}): Options {
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
    dts: overrides.dts ?? declarationsOf(entry),
    ...overrides,
  }
}

/** What bundled declarations are compiled with. */
export const DECLARATIONS = {
  ignoreDeprecations: '6.0',
  composite: false,
  incremental: false,
  customConditions: [],
} as const

function declarationsOf(entry: Record<string, string>): Exclude<Options['dts'], boolean | string | undefined> {
  const declarations = writeDeclarations()
  return {
    entry: Object.fromEntries(Object.entries(entry).map(([name, file]) => [name, declarationOf(file, declarations)])),
    compilerOptions: DECLARATIONS,
  }
}

/**
 * Writes the declarations of a package's sources, each from its file alone, as `isolatedDeclarations` allows: bundling them reads no library of
 * types. That they are right is checked by `npm run types`.
 * @returns a temporary folder, with `src/x.d.ts` for `src/x.ts`
 */
function writeDeclarations(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tab-declarations-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file))
  for (const fileName of sources.map((file) => join('src', file))) {
    const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(fileName, 'utf8'), {
      fileName,
      reportDiagnostics: true,
      compilerOptions: {
        isolatedDeclarations: true,
        jsx: ts.JsxEmit.ReactJSX,
        jsxImportSource: 'preact',
        strict: true,
      },
    })
    if (diagnostics.length > 0) {
      throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost({})))
    }
    const file = declarationOf(fileName, folder)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, outputText)
  }
  return folder
}

function declarationOf(source: string, folder: string): string {
  return join(folder, source.replace(/\.tsx?$/, '.d.ts'))
}
