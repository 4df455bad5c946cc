import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { checkBundledWeights } from './check-bundled-weights.mjs'
import { packages, root } from './workspace.mjs'

/** How large a page's own program may be, of which ONNX Runtime is no part: gzip, in bytes. Ours is in the README. */
const MOST_GZIP = 53_000

/** What the project names; the rest comes with it. */
const NAMED = ['@tab/pipeline', '@tab/weights']

/**
 * A project that installs `@tab/pipeline`, onnxruntime-node and sharp, and `@tab/weights` for its page: fits, saves, opens and inspects in ESM and
 * CJS, also with the bundled backbone, says in one line which package is missing, and is bundled for a page.
 * @param {string} folder to make it in
 * @param {Record<string, string>} tarballs by package
 * @returns {Promise<string>} a line that says what was checked
 */
export async function checkFreshProject(folder, tarballs, run) {
  mkdirSync(folder)
  cpSync(join(root, 'scripts/fresh-project'), folder, { recursive: true })
  const { devDependencies } = packages().find(({ manifest }) => manifest.name === '@tab/pipeline').manifest
  const versions = catalogVersions()
  const peers = Object.fromEntries(['onnxruntime-node', 'sharp'].map((name) => [name, versions(name, devDependencies)]))
  const manifest = {
    name: 'fresh',
    private: true,
    dependencies: { ...Object.fromEntries(NAMED.map((name) => [name, tarballs[name]])), ...peers },
    overrides: Object.fromEntries(Object.entries(tarballs).filter(([name]) => !NAMED.includes(name))),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2))
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'], folder)

  const { createBackbone, saveBackbone } = await import(pathToFileURL(join(root, 'packages/model/dist/index.js')))
  writeFileSync(
    join(folder, 'resnet18.safetensors'),
    saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer3' })),
  )
  const scores = []
  for (const program of ['fit.mjs', 'inspect.cjs']) scores.push((await run(process.execPath, [program], folder)).trim())
  if (scores[0] !== scores[1]) throw new Error(`ESM and CJS give ${scores.join(' and ')}`)

  const bundled = await checkBundledWeights(folder, run)

  for (const [name, program] of [
    ['sharp', 'inspect.cjs'],
    ['onnxruntime-node', 'inspect.cjs'],
  ]) {
    const [place, away] = [join(folder, 'node_modules', name), join(folder, `without-${name}`)]
    renameSync(place, away)
    const said = failure(program, folder)
    renameSync(away, place)
    if (!new RegExp(`^[^\\n]* install it with: npm install ${name}$`).test(said)) {
      throw new Error(`without ${name} one line must say what to install, not:\n${said}`)
    }
  }

  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['page.js'],
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    external: ['onnxruntime-web/wasm'],
    outdir: 'page',
    write: false,
  })
  const page = outputFiles.find(({ path }) => path.endsWith('page.js'))
  const chunks = staticChunks(page, outputFiles)
  const sizes = chunks.reduce(
    (sum, { contents }) => [sum[0] + contents.length, sum[1] + gzipSync(contents).length],
    [0, 0],
  )
  const [raw, gzip] = sizes.map((bytes) => `${(bytes / 1000).toFixed(0)} kB`)
  if (sizes[1] > MOST_GZIP) throw new Error(`a page that inspects is ${gzip} of gzip, more than ${MOST_GZIP} bytes`)
  return `a project with @tab/pipeline alone fits, saves, opens and inspects in ESM and CJS; its page is ${raw}, ${gzip} with gzip, without ONNX Runtime; ${bundled}`
}

/** The chunks that a page loads at once. */
function staticChunks(page, all) {
  const found = new Set([page])
  for (const chunk of found) {
    for (const [, name] of chunk.text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) {
      const next = all.find(({ path }) => path.endsWith(name))
      if (next) found.add(next)
    }
  }
  return [...found]
}

function failure(program, cwd) {
  try {
    return `it ran: ${execFileSync(process.execPath, [program], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })}`
  } catch (error) {
    return error.stderr.trim()
  }
}

/** Versions of `catalog:`, as pnpm-workspace.yaml has them. */
function catalogVersions() {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  return (name, dependencies) => {
    const version = dependencies[name]
    return version === 'catalog:' ? new RegExp(`^  ${name}: (.+)$`, 'm').exec(text)[1] : version
  }
}
