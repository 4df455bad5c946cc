// `npm run api`: writes docs/api/*.api.md, what each entry point exports, so that a breaking change shows in a diff. With
// --check it only says where they are stale. Fails for a type that a signature uses and no entry of its package exports.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { CompilerState, Extractor, ExtractorConfig, ExtractorMessageId } from '@microsoft/api-extractor'
import ts from 'typescript'
import { entryPoints, packages, root } from './workspace.mjs'

const check = process.argv.includes('--check')
const reports = join(root, 'docs/api')
// Not under node_modules, where the extractor takes every file for someone else's.
mkdirSync(join(root, 'dist'), { recursive: true })
const work = mkdtempSync(join(root, 'dist/api-'))
const fresh = join(work, 'reports')
mkdirSync(fresh)
try {
  emitDeclarations()
  const forgotten = writeReports()
  const stale = check ? difference() : ''
  if (forgotten.length > 0) {
    console.error(`types in signatures that no entry of their package exports:\n${forgotten.join('\n')}`)
  }
  if (stale) console.error(`${stale}\nThe API changed. If that is meant, run npm run api and commit docs/api.`)
  if (!check) {
    rmSync(reports, { recursive: true, force: true })
    cpSync(fresh, reports, { recursive: true })
  }
  console.log(`${readdirSync(fresh).length} API reports ${check ? 'compared with' : 'written to'} docs/api`)
  if (forgotten.length > 0 || stale) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** Declarations of all packages from their sources, laid out so that one package finds another as an installed one. */
function emitDeclarations() {
  const base = ts.getParsedCommandLineOfConfigFile(join(root, 'tsconfig.base.json'), {}, ts.sys).options
  const program = ts.createProgram(
    entryPoints().map(({ source }) => source),
    {
      ...base,
      types: ['node'],
      noEmit: false,
      noCheck: true,
      emitDeclarationOnly: true,
      rootDir: join(root, 'packages'),
      outDir: join(work, 'packages'),
    },
  )
  program.emit()
  mkdirSync(join(work, 'node_modules/@tab'), { recursive: true })
  for (const { folder, manifest } of packages()) {
    const entries = entryPoints().filter((entry) => entry.package === manifest.name)
    if (entries.length === 0) continue
    const target = declared(folder)
    const exports = Object.fromEntries(
      entries.map(({ name, source }) => [
        name.replace(manifest.name, '.'),
        { types: `./${relative(target, declared(source))}` },
      ]),
    )
    const { name, version, type } = manifest
    writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version, type, exports }))
    symlinkSync(target, join(work, 'node_modules', manifest.name))
  }
}

/** Where the declarations of a source file or folder lie. */
function declared(source) {
  return join(work, relative(root, source)).replace(/\.ts$/, '.d.ts')
}

/** Writes the reports and gives the types that they need and that cannot be imported. */
function writeReports() {
  const configs = entryPoints().map(extractorConfig)
  const compilerState = CompilerState.create(configs[0].config, {
    additionalEntryPoints: configs.slice(1).map(({ config }) => config.mainEntryPointFilePath),
  })
  const missing = configs.flatMap(({ name, package: owner, config }) => {
    const needed = []
    Extractor.invoke(config, {
      compilerState,
      localBuild: true,
      messageCallback(message) {
        message.handled = true
        if (message.messageId === ExtractorMessageId.ForgottenExport) needed.push(/"(.*?)"/.exec(message.text)[1])
      },
    })
    return needed.map((type) => ({ name, owner, type }))
  })
  const exported = exportsByPackage(compilerState.program)
  return missing
    .filter(({ owner, type }) => !exported.get(owner).has(type))
    .map(({ name, type }) => `  ${name}: ${type}`)
}

function extractorConfig(entry) {
  const folder = declared(entry.folder)
  const file = declared(entry.source)
  const compilerOptions = {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: file,
      compiler: { overrideTsconfig: { compilerOptions, files: [file] } },
      apiReport: {
        enabled: true,
        reportFileName: `${entry.name.replace('@tab/', '').replaceAll('/', '-')}.api.md`,
        reportFolder: fresh,
        reportTempFolder: join(work, 'temporary'),
      },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: { default: { logLevel: 'none' } } },
    },
  })
  return { ...entry, config }
}

/** The names that can be imported from some entry of each package. */
function exportsByPackage(program) {
  const checker = program.getTypeChecker()
  const names = new Map()
  for (const entry of entryPoints()) {
    const symbol = checker.getSymbolAtLocation(program.getSourceFile(declared(entry.source)))
    const exported = checker.getExportsOfModule(symbol).map(({ name }) => name)
    names.set(entry.package, new Set([...(names.get(entry.package) ?? []), ...exported]))
  }
  return names
}

/** What `git diff` says of the committed reports and the fresh ones: empty where they agree. */
function difference() {
  mkdirSync(reports, { recursive: true })
  return spawnSync('git', ['diff', '--no-index', reports, fresh], { encoding: 'utf8' }).stdout
}
