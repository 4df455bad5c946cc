// Packs every package, lints the tarballs, then installs them in a project outside the workspace, imports every subpath by ESM, CJS and
// two TypeScript resolutions, also with the oldest TypeScript that is supported, and follows the guides there: this is what a user gets,
// not what the workspace sees. Last comes a project that has @tab/pipeline alone.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkFreshProject } from './check-fresh-project.mjs'
import { packAll } from './packing.mjs'
import { publishedExports, root } from './workspace.mjs'

/** The oldest TypeScript that reads the declarations, as docs/guides/install.md states. */
const OLDEST_TYPESCRIPT = '5.7'

const bin = (name) => join(root, 'node_modules/.bin', name)
function run(command, args, cwd) {
  try {
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    console.error(`${command} ${args.join(' ')}\n${error.stdout ?? ''}${error.stderr ?? ''}`)
    process.exit(1)
  }
}

run(process.execPath, [join(root, 'scripts/sync-manifests.mjs'), '--check'], root)

const work = mkdtempSync(join(tmpdir(), 'tab-packages-'))
const project = join(work, 'project')
mkdirSync(project)

const dependencies = {}
const subpaths = []
for (const { folder, manifest, tarball } of packAll(join(work, 'tarballs'))) {
  dependencies[manifest.name] = `file:${tarball}`
  run(bin('publint'), ['run', '--strict', tarball], folder)
  const library = Object.entries(publishedExports(manifest.exports ?? {})).filter(
    ([, target]) => typeof target === 'object',
  )
  if (library.length > 0) run(bin('attw'), [tarball, '--profile', 'node16', '--no-emoji'], folder)
  for (const [subpath, conditions] of library) {
    subpaths.push({
      name: `${manifest.name}${subpath.slice(1)}`,
      browser: subpath === './browser',
      cjs: 'require' in conditions,
    })
  }
  console.log(`packed ${manifest.name} ${manifest.version}`)
}

const json = (path, value) => writeFileSync(path, JSON.stringify(value, null, 2))
json(join(project, 'package.json'), {
  name: 'outside',
  private: true,
  dependencies: {
    ...dependencies,
    typescript: '6.0.3',
    'typescript-oldest': `npm:typescript@~${OLDEST_TYPESCRIPT}.0`,
    tsx: '^4.23.0',
    '@types/node': '^20.19.0',
  },
})
run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps'], project)

const load = (path) =>
  `const loaded = ${path}\nif (Object.keys(loaded).length === 0) throw new Error('exports nothing')`
for (const { name, cjs } of subpaths) {
  run(process.execPath, ['--input-type=module', '-e', load(`await import('${name}')`)], project)
  if (cjs) run(process.execPath, ['--input-type=commonjs', '-e', load(`require('${name}')`)], project)
}
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
  types: ['node'],
}
for (const [compiler, resolution, module] of [
  ['typescript', 'NodeNext', 'NodeNext'],
  ['typescript', 'Bundler', 'ESNext'],
  ['typescript-oldest', 'NodeNext', 'NodeNext'],
]) {
  const files = resolution === 'Bundler' ? ['imports.mts'] : ['imports.mts', 'imports.cts']
  json(join(project, 'tsconfig.json'), {
    compilerOptions: { ...compilerOptions, module, moduleResolution: resolution },
    files,
  })
  compile(compiler)
}
const stated = `TypeScript ${OLDEST_TYPESCRIPT}`
if (!readFileSync(join(root, 'docs/guides/install.md'), 'utf8').includes(stated)) {
  throw new Error(`docs/guides/install.md must state ${stated}`)
}

/** Compiles the project with the declarations of all packages. Those of others, such as TensorFlow.js, have errors of their own. */
function compile(compiler) {
  const tsc = join(project, 'node_modules', compiler, 'bin/tsc')
  const { stdout, error } = spawnSync(process.execPath, [tsc, '--pretty', 'false'], { cwd: project, encoding: 'utf8' })
  const isOurs = (line) => /error TS/.test(line) && !/^node_modules\/(?!@tab\/)/.test(line)
  const faults = stdout.split('\n').filter(isOurs)
  if (error || faults.length > 0) throw error ?? new Error([`${compiler} rejects the packages:`, ...faults].join('\n'))
}

const version = run(join(project, 'node_modules/.bin/tab'), ['--version'], project).trim()
const guides = run(
  process.execPath,
  ['--import=tsx', join(root, 'scripts/check-docs.mjs'), '--in', project],
  root,
).trim()
const fresh = await checkFreshProject(join(work, 'fresh'), dependencies, run)
rmSync(work, { recursive: true, force: true })
console.log(
  `${subpaths.length} entry points load from their tarballs by ESM, CJS, two TypeScript resolutions and TypeScript ${OLDEST_TYPESCRIPT}; the tab command is ${version}`,
)
console.log(`in that project ${guides}`)
console.log(fresh)
