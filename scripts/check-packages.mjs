// Packs every package, lints the tarballs, then installs them in a project outside the workspace, imports every subpath by ESM, CJS and
// two TypeScript resolutions, also with the oldest TypeScript that is supported, and follows the guides there: this is what a user gets,
// not what the workspace sees. Last comes a project that has @tab/pipeline alone.
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { checkFreshProject } from './check-fresh-project.mjs'
import { packAll } from './packing.mjs'
import { inPairs, publishedExports, root } from './workspace.mjs'

/** The oldest TypeScript that reads the declarations, as docs/guides/install.md states. */
const OLDEST_TYPESCRIPT = '5.7'

const bin = (name) => join(root, 'node_modules/.bin', name)
const execute = promisify(execFile)
async function run(command, args, cwd) {
  try {
    return (await execute(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 })).stdout
  } catch (error) {
    console.error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? error}`)
    process.exit(1)
  }
}

await run(process.execPath, [join(root, 'scripts/sync-manifests.mjs'), '--check'], root)
await run(process.execPath, [join(root, 'scripts/licences.mjs')], root)

const work = mkdtempSync(join(tmpdir(), 'tab-packages-'))
const project = join(work, 'project')
mkdirSync(project)

const packed = await packAll(join(work, 'tarballs'))
const dependencies = Object.fromEntries(packed.map(({ manifest, tarball }) => [manifest.name, `file:${tarball}`]))
const libraryOf = ({ exports = {} }) =>
  Object.entries(publishedExports(exports)).filter(([, target]) => typeof target === 'object')
const subpaths = packed.flatMap(({ manifest }) =>
  libraryOf(manifest).map(([subpath, conditions]) => ({
    name: `${manifest.name}${subpath.slice(1)}`,
    cjs: 'require' in conditions,
  })),
)
await inPairs(packed, async ({ folder, manifest, tarball }) => {
  await run(bin('publint'), ['run', '--strict', tarball], folder)
  const library = libraryOf(manifest)
  const profile = library.every(([, conditions]) => 'require' in conditions) ? 'node16' : 'esm-only'
  if (library.length > 0) await run(bin('attw'), [tarball, '--profile', profile, '--no-emoji'], folder)
  console.log(`linted ${manifest.name} ${manifest.version}`)
})

const { '@tab/server': server, '@tab/jobs': jobs, ...strict } = dependencies
const json = (path, value) => writeFileSync(path, JSON.stringify(value, null, 2))
json(join(project, 'package.json'), {
  name: 'outside',
  private: true,
  dependencies: {
    ...strict,
    typescript: '6.0.3',
    'typescript-oldest': `npm:typescript@~${OLDEST_TYPESCRIPT}.0`,
    tsx: '^4.23.0',
    '@types/node': '^20.19.0',
  },
})
const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps']
await run('npm', install, project)
// Some packages that these two stand on state Node 22; they are tested on 20 too, as their READMEs say.
await run('npm', [...install, '--engine-strict=false', server, jobs], project)

// All entries of a format share a process: a name that lacks a file or a dependency fails beside others too.
const loadAll = (names, how) =>
  `for (const name of ${JSON.stringify(names)}) {
    const loaded = ${how}
    if (Object.keys(loaded).length === 0) throw new Error(name + ' exports nothing')
  }`
const names = subpaths.map(({ name }) => name)
const required = subpaths.filter(({ cjs }) => cjs).map(({ name }) => name)
await inPairs(
  [
    ['module', loadAll(names, 'await import(name)')],
    ['commonjs', loadAll(required, 'require(name)')],
  ],
  ([format, program]) => run(process.execPath, [`--input-type=${format}`, '-e', program], project),
)
const source = subpaths
  .map(({ name }, index) => `import * as m${index} from '${name}'\nexport const k${index}: object = m${index}`)
  .join('\n')
writeFileSync(join(project, 'imports.mts'), source)
writeFileSync(
  join(project, 'imports.cts'),
  subpaths
    .filter(({ cjs }) => cjs)
    .map(({ name }, index) => `import m${index} = require('${name}')\nexport const k${index}: object = m${index}`)
    .join('\n'),
)
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'DOM', 'DOM.Iterable'],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  skipDefaultLibCheck: true, // those of TypeScript itself
  types: ['node'],
}
await inPairs(
  [
    ['typescript', 'NodeNext', 'NodeNext'],
    ['typescript', 'Bundler', 'ESNext'],
    ['typescript-oldest', 'NodeNext', 'NodeNext'],
  ],
  async ([compiler, moduleResolution, module]) => {
    const files = moduleResolution === 'Bundler' ? ['imports.mts'] : ['imports.mts', 'imports.cts']
    const config = join(project, `tsconfig.${compiler}.${module}.json`)
    json(config, { compilerOptions: { ...compilerOptions, module, moduleResolution }, files })
    await compile(compiler, config)
  },
)
const stated = `TypeScript ${OLDEST_TYPESCRIPT}`
if (!readFileSync(join(root, 'docs/guides/install.md'), 'utf8').includes(stated)) {
  throw new Error(`docs/guides/install.md must state ${stated}`)
}

/** Compiles the project with the declarations of all packages. Those of others, such as TensorFlow.js, have errors of their own. */
async function compile(compiler, config) {
  const tsc = join(project, 'node_modules', compiler, 'bin/tsc')
  const { stdout } = await execute(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: project }).catch(
    (error) => error, // with what it printed
  )
  const isOurs = (line) => /error TS/.test(line) && !/^node_modules\/(?!@tab\/)/.test(line)
  const faults = stdout.split('\n').filter(isOurs)
  if (faults.length > 0) throw new Error([`${compiler} rejects the packages:`, ...faults].join('\n'))
}

const version = (await run(join(project, 'node_modules/.bin/tab'), ['--version'], project)).trim()
const checkDocs = [`--import=tsx`, join(root, 'scripts/check-docs.mjs'), '--in', project]
const [guides, fresh] = await Promise.all([
  run(process.execPath, checkDocs, root),
  checkFreshProject(join(work, 'fresh'), dependencies, run),
])
rmSync(work, { recursive: true, force: true })
console.log(
  `${subpaths.length} entry points load from their tarballs by ESM, CJS, two TypeScript resolutions and TypeScript ${OLDEST_TYPESCRIPT}; the tab command is ${version}`,
)
console.log(`in that project ${guides.trim()}`)
console.log(fresh)
