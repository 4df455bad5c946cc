// `npm run version-packages`: turns the changesets into versions and changelogs, and fails where a version is not what they say.
// `npm run release`: builds, checks and publishes. With --dry-run it does both on a copy of the tree, up to packing, and says
// what would be published.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packages, root } from './workspace.mjs'

const [task, flag] = process.argv.slice(2)
const tasks = { version, publish: flag === '--dry-run' ? rehearse : publish }
if (!Object.hasOwn(tasks, task)) {
  console.error('usage: node scripts/release.mjs version | publish [--dry-run]')
  process.exit(2)
}
tasks[task]()

function version() {
  const before = new Map(packages().map(({ manifest: { name, version } }) => [name, version]))
  const bumps = bumpsOfChangesets()
  run('changeset', ['version'])
  const faults = packages().flatMap(({ folder, manifest: { name, version } }) => {
    const old = before.get(name)
    // A package without a changeset of its own may rise by a patch, for a dependency; never by more, as to 1.0.0 for a peer.
    const allowed = bumps.has(name) ? [raised(old, bumps.get(name))] : [old, raised(old, ['patch'])]
    if (!allowed.includes(version)) return [`${name} went from ${old} to ${version}, expected ${allowed.join(' or ')}`]
    return version === old || changelogHas(folder, version) ? [] : [`${name} has no changelog of ${version}`]
  })
  if (faults.length > 0) throw new Error(faults.join('\n'))
}

function publish() {
  const install = 'docs/guides/install.md'
  if (readFileSync(join(root, install), 'utf8').includes('## Until the first release')) {
    throw new Error(`${install} still says that the packages are not published; remove "Until the first release"`)
  }
  run('turbo', ['run', 'build', '--output-logs=errors-only'])
  run('node', ['scripts/check-packages.mjs'])
  writeBillOfMaterials(root)
  // Says by which workflow a package was built, from which commit; only such a workflow can.
  if (process.env.GITHUB_ACTIONS) process.env.NPM_CONFIG_PROVENANCE = 'true'
  run('changeset', ['publish'])
}

function rehearse() {
  run('turbo', ['run', 'build', '--output-logs=errors-only'])
  const copy = mkdtempSync(join(tmpdir(), 'tab-release-'))
  try {
    const tracked = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
    const files = execFileSync('git', tracked, { cwd: root, encoding: 'utf8' }).split('\0')
    for (const file of files.filter((name) => name && existsSync(join(root, name)))) {
      cpSync(join(root, file), join(copy, file))
    }
    for (const { folder } of packages()) {
      cpSync(join(folder, 'dist'), join(folder.replace(root, copy), 'dist'), { recursive: true })
    }
    run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=silent'], copy)
    run('node', ['scripts/release.mjs', 'version'], copy)
    writeBillOfMaterials(copy)
    const packed = packages().map(({ folder }) => packedManifest(folder.replace(root, copy), copy))
    const versions = new Map(packed.map(({ name, version }) => [name, version]))
    for (const { name, version, dependencies = {} } of packed) {
      for (const [dependency, range] of Object.entries(dependencies)) {
        const own = versions.get(dependency)
        if (own && range !== `^${own}`) throw new Error(`${name} asks for ${dependency} ${range}, not ^${own}`)
      }
      console.log(`would publish ${name} ${version}`)
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** What the published packages bring along, as CycloneDX JSON in `sbom/`, a file for each: to be attached to the release. */
function writeBillOfMaterials(folder) {
  const what = ['--prod', '--lockfile-only', '--split', '--filter', './packages/*']
  run('pnpm', ['sbom', '--sbom-format', 'cyclonedx', ...what, '--out', 'sbom/%s-%v.cdx.json'], folder)
  console.log(`wrote ${readdirSync(join(folder, 'sbom'), { recursive: true }).length} bills of materials`)
}

/** The manifest inside a package's tarball, which is what its users get. */
function packedManifest(folder, copy) {
  const before = new Set(readdirSync(copy))
  run('pnpm', ['pack', '--pack-destination', copy], folder, 'ignore')
  const tarball = readdirSync(copy).find((name) => name.endsWith('.tgz') && !before.has(name))
  return JSON.parse(execFileSync('tar', ['-xOf', join(copy, tarball), 'package/package.json'], { encoding: 'utf8' }))
}

/** What the changesets ask for, by package. */
function bumpsOfChangesets() {
  const folder = join(root, '.changeset')
  const bumps = new Map()
  for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.md'))) {
    const [, header = ''] = /^---\n(.*?)\n---/s.exec(readFileSync(join(folder, name), 'utf8')) ?? []
    for (const [, owner, bump] of header.matchAll(/^['"](.+?)['"]: (major|minor|patch)$/gm)) {
      bumps.set(owner, [...(bumps.get(owner) ?? []), bump])
    }
  }
  return bumps
}

/** A version raised by the strongest of the bumps. */
function raised(version, bumps) {
  const [major, minor, patch] = version.split('.').map(Number)
  if (bumps.includes('major')) return `${major + 1}.0.0`
  if (bumps.includes('minor')) return `${major}.${minor + 1}.0`
  return `${major}.${minor}.${patch + 1}`
}

function changelogHas(folder, version) {
  const file = join(folder, 'CHANGELOG.md')
  return existsSync(file) && readFileSync(file, 'utf8').includes(`\n## ${version}\n`)
}

function run(command, args, cwd = root, stdout = 'inherit') {
  const PATH = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`
  execFileSync(command, args, { cwd, stdio: ['ignore', stdout, 'inherit'], env: { ...process.env, PATH } })
}
