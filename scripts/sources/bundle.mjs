// Before the tests: bundles the sources that they start as processes. Loaded file by file, `tab` takes three times the processor time to start.
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from '../workspace.mjs'

/** Where processes and threads begin. */
const ENTRIES = [
  'packages/cli/src/bin.ts',
  'packages/jobs/src/worker/fit-thread.ts',
  'packages/pipeline/src/node/benchmark/worker.ts',
  'packages/server/src/index.ts',
  'packages/server/src/inspection/inspect-thread.ts',
  'packages/server/src/store/store-thread.ts',
]

/** Files keep the address of their source, as they find other files by it. */
const sources = {
  name: 'sources',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData: isAsked, ...from }) => {
      if (isAsked || from.kind === 'entry-point' || path.startsWith('@tab/')) return
      if (path.startsWith('node:')) return { path, external: true }
      const { path: file, errors } = await resolve(path, { ...from, pluginData: true })
      // What is not installed fails when it is loaded, as it does from the sources.
      return { path: errors.length === 0 ? pathToFileURL(file).href : path, external: true }
    })
    onLoad({ filter: /[\\/]src[\\/].*\.tsx?$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8')
      const url = pathToFileURL(path).href
      const place = { url, dirname: join(path, '..'), filename: path }
      const contents = code.replace(/import\.meta\.(url|dirname|filename)\b/g, (_, name) => JSON.stringify(place[name]))
      return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' }
    })
  },
}

export default async function bundleSources() {
  if (process.env.TAB_DIST === '1') return
  const folder = await mkdtemp(join(tmpdir(), 'tab-sources-'))
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir: folder,
    outbase: 'packages',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@tab/source'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    metafile: true,
    logLevel: 'warning',
    plugins: [sources],
  })
  const entries = Object.entries(metafile.outputs).flatMap(([output, { entryPoint }]) =>
    ENTRIES.includes(entryPoint)
      ? [[pathToFileURL(join(root, entryPoint)).href, relative(folder, join(root, output))]]
      : [],
  )
  await writeFile(join(folder, 'entries.json'), JSON.stringify(Object.fromEntries(entries)))
  process.env.TAB_SOURCES = folder
}
