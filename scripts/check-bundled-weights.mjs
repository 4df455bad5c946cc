import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build as buildByEsbuild } from 'esbuild'
import { build as buildByVite } from 'vite'
import { root } from './workspace.mjs'

const NO_NETWORK = 'data:text/javascript,globalThis.fetch = () => { throw new Error("nothing is fetched") }'
const ORT = ['onnxruntime-web/wasm'] // not part of the project

/**
 * In a project with the packages: from images to a verdict with the bundled backbone in ESM and CJS, and two bundlers that put it into a page.
 * @returns {Promise<string>} what was checked
 */
export async function checkBundledWeights(folder, run) {
  const weights = await readFile(join(root, 'packages/weights/weights/tab-resnet18.safetensors'))
  const scores = []
  for (const program of ['bundled.mjs', 'bundled.cjs']) {
    scores.push((await run(process.execPath, ['--import', NO_NETWORK, program], folder)).trim())
  }
  if (scores[0] !== scores[1]) throw new Error(`ESM and CJS give ${scores.join(' and ')} with bundled weights`)

  const { output } = await buildByVite({
    root: folder,
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2022', rolldownOptions: { external: ORT } },
  })
  const code = output.map((chunk) => chunk.code ?? '').join('\n')
  expectPage(
    'Vite',
    code,
    weights,
    output.map(({ fileName, source }) => ({ path: fileName, contents: source })),
  )

  const { outputFiles } = await buildByEsbuild({
    absWorkingDir: folder,
    entryPoints: ['esbuild-page.js'],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    loader: { '.safetensors': 'file' },
    outdir: 'page',
    write: false,
  })
  expectPage('esbuild', outputFiles.find(({ path }) => path.endsWith('.js')).text, weights, outputFiles)
  return 'bundled weights lead from images to a verdict in ESM and CJS without network, and into pages of Vite and esbuild'
}

function expectPage(bundler, code, weights, files) {
  const asset = files.find(({ path }) => path.endsWith('.safetensors'))
  if (!asset || !weights.equals(asset.contents)) throw new Error(`${bundler} does not put the weights beside the page`)
  const name = asset.path.split('/').at(-1)
  if (!code.includes(name)) throw new Error(`a page of ${bundler} does not ask for ${name}`)
}
