// Packs every package, lints the tarballs, then installs them in a project outside the workspace and imports every
// subpath by ESM, CJS and two TypeScript resolutions, and follows the guides there: what a user gets, not what the workspace
// sees. Last, a project that has @tab/pipeline alone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkFreshProject } from './check-fresh-project.mjs'
import { packages, publishedExports, root } from './workspace.mjs'

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
const tarballs = join(work, 'tarballs')
const project = join(work, 'project')
mkdirSync(tarballs)
mkdirSync(project)

const dependencies = {}
const subpaths = []
for (const { folder, manifest } of packages()) {
  const before = new Set(readdirSync(tarballs))
  run(bin('pnpm'), ['pack', '--pack-destination', tarballs], folder)
  const [tarball] = readdirSync(tarballs).filter((name) => !before.has(name))
  const path = join(tarballs, tarball)
  dependencies[manifest.name] = `file:${path}`
  run(bin('publint'), ['run', '--strict', path], folder)
  const library = Object.entries(publishedExports(manifest.exports ?? {})).filter(
    ([, target]) => typeof target === 'object',
  )
  if (library.length > 0) run(bin('attw'), [path, '--profile', 'node16', '--no-emoji'], folder)
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
  dependencies: { ...dependencies, typescript: '6.0.3', tsx: '^4.23.0', '@types/node': '^20.19.0' },
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
  lib: ['ES2023', 'DOM'],
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  types: ['node'],
}
for (const [resolution, extra] of [
  ['nodenext', { module: 'NodeNext', moduleResolution: 'NodeNext' }],
  ['bundler', { module: 'ESNext', moduleResolution: 'Bundler' }],
]) {
  const files = resolution === 'bundler' ? ['imports.mts'] : ['imports.mts', 'imports.cts']
  json(join(project, `tsconfig.${resolution}.json`), {
    compilerOptions: { ...compilerOptions, skipLibCheck: true, ...extra },
    files,
  })
  run(
    process.execPath,
    [join(project, 'node_modules/typescript/bin/tsc'), '-p', `tsconfig.${resolution}.json`],
    project,
  )
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
  `${subpaths.length} entry points load from their tarballs by ESM, CJS and two TypeScript resolutions; the tab command is ${version}`,
)
console.log(`in that project ${guides}`)
console.log(fresh)
