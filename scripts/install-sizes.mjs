// `node scripts/install-sizes.mjs`: what an install for each task takes on this platform, as a table for docs/guides/install.md: the files of our packages
// as they are published (they must be built), their dependencies with theirs, and the engines that the task needs.
import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { packages, root } from './workspace.mjs'

/** What is installed, by task. */
const TASKS = [
  ['metrics of scores and maps', ['@tab/metrics']],
  ['synthetic anomalies', ['@tab/synth']],
  ['prompts without a text model', ['@tab/prompts']],
  ['detectors with an extractor of your own', ['@tab/adapters']],
  ['fit and inspect in Node', ['@tab/pipeline', 'onnxruntime-node', 'sharp']],
  ['inspect in a browser, as installed', ['@tab/pipeline', 'onnxruntime-web']],
  ['pre-training', ['@tab/pipeline', 'onnxruntime-node', 'sharp', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm']],
  ['a server', ['@tab/server', 'onnxruntime-node', 'sharp']],
  ['the command line, with all of it', ['@tab/cli']],
]

const ours = new Map(packages().map((found) => [found.manifest.name, found]))

function sizeOf(path) {
  const found = lstatSync(path)
  if (!found.isDirectory()) return found.isSymbolicLink() ? 0 : found.size
  return readdirSync(path).reduce((sum, name) => (name === 'node_modules' ? sum : sum + sizeOf(join(path, name))), 0)
}

/** Of one of our packages: what `files` of its manifest lists. */
const publishedSize = ({ folder, manifest: { files = [] } }) =>
  files.reduce((sum, name) => sum + (existsSync(join(folder, name)) ? sizeOf(join(folder, name)) : 0), 0)

/** The folder that a package finds a dependency in, as Node does; undefined where it is not installed, as for another platform. */
function find(from, name) {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name)
    if (existsSync(path)) return realpathSync(path)
  }
  return undefined
}

/** Adds a package and its dependencies to the folders that are installed. */
function collect(folder, folders) {
  if (folders.has(folder)) return
  folders.add(folder)
  const { dependencies = {}, optionalDependencies = {} } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  )
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const found = ours.get(name)?.folder ?? find(folder, name)
    if (found) collect(found, folders)
  }
}

console.log('| for | install | packages | MB | of them TAB |\n| :-- | :-- | --: | --: | --: |')
for (const [task, names] of TASKS) {
  const folders = new Set()
  for (const name of names)
    collect(ours.get(name)?.folder ?? find(join(root, 'bench'), name) ?? find(root, name), folders)
  const mine = [...ours.values()].filter(({ folder }) => folders.has(folder))
  const own = mine.reduce((sum, found) => sum + publishedSize(found), 0)
  const others = [...folders].filter((folder) => !mine.some((found) => found.folder === folder))
  const all = others.reduce((sum, folder) => sum + sizeOf(folder), own)
  const megabytes = (bytes) => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
  const isFree = !others.some((folder) => folder.includes('@tensorflow'))
  if (task.startsWith('fit and') && !isFree) throw new Error('the path of a detector takes TensorFlow.js along')
  console.log(`| ${task} | \`${names.join(' ')}\` | ${folders.size} | ${megabytes(all)} | ${megabytes(own)} |`)
}
