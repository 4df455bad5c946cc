// `npm run check:docs`: the code blocks of README.md, of the packages' READMEs, of docs/guides and of the docstrings are type-checked and
// run on the built packages, in order, each document in its own folder. A `console.log(...) // output`, or a `text` block after a program or
// a command, says what it prints. Blocks that cannot run here say why: ```sh no-run: needs weights. The public functions of the packages in
// docs/example-policy.mjs must have an example. With paths (`-- packages/core docs/guides/quick-start.md`) only those are checked; with
// `--in FOLDER` the packages are those installed in that folder, and only the guides are followed.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join, relative, resolve, sep } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { codeBlocks } from './docs/code-blocks.mjs'
import { REASONS, WITH_EXAMPLES } from './docs/example-policy.mjs'
import { writeFixtures } from './docs/fixtures.mjs'
import { publicFunctions } from './docs/public-functions.mjs'
import { inPairs, packages, root } from './workspace.mjs'

const TIMEOUT = 180_000
const TYPESCRIPT = `--import=${import.meta.resolve('tsx')}`
const INSTALL = /^npm install (.*?)(?: #.*)?$/gm
const RUN_EXAMPLES = join(root, 'scripts/docs/run-examples.mjs')
const { values, positionals } = parseArgs({ options: { in: { type: 'string' } }, allowPositionals: true })
const installed = values.in && resolve(values.in)
const isChosen = (path) => positionals.length === 0 || positionals.some((chosen) => isWithin(resolve(chosen), path))
const guides = readdirSync(join(root, 'docs/guides')).map((name) => join(root, 'docs/guides', name))
const readmes = [root, ...packages().map(({ folder }) => folder)].map((folder) => join(folder, 'README.md'))
const work = mkdtempSync(join(installed ?? join(root, 'node_modules'), '.docs-'))
const commands = join(work, 'bin')
try {
  mkdirSync(commands)
  makeCommands()
  const fixtures = join(work, 'fixtures')
  if (!installed) await writeFixtures(fixtures)
  const documents = [
    ...(installed ? guides : [...readmes, ...guides])
      .filter(isChosen)
      .map((file) => ({ name: relative(root, file), blocks: codeBlocks(file), isGuide: guides.includes(file) })),
    ...(installed ? [] : packages().flatMap(examplesOf)),
  ]
  for (const [index, document] of documents.entries()) {
    document.folder = join(work, `${index}-${basename(document.name, '.md').toLowerCase()}`)
    if (document.isGuide) mkdirSync(document.folder)
    else cpSync(fixtures, document.folder, { recursive: true })
    for (const { name, code } of document.blocks) if (name) writeFileSync(join(document.folder, name), code)
  }
  const faults = [
    ...documents.flatMap(checkFences),
    ...(installed ? [] : functionsWithoutExample()),
    ...checkTypes(documents),
    ...(
      await inPairs(documents, (document) => (document.areExamples ? runExamples(document) : runDocument(document)))
    ).flat(),
  ]
  if (faults.length > 0) {
    console.error(faults.join('\n\n'))
    process.exitCode = 1
  } else {
    const count = (chosen) => chosen.flatMap(({ blocks }) => blocks.filter(isRun)).length
    const examples = documents.filter(({ areExamples }) => areExamples)
    const texts = documents.filter(({ areExamples }) => !areExamples)
    console.log(
      `${count(texts)} code blocks of ${texts.length} documents and ${count(examples)} examples of docstrings ran`,
    )
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}

/** The examples in the docstrings of a package, as one document. */
function examplesOf({ folder }) {
  const sources = readdirSync(join(folder, 'src'), { recursive: true })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => join(folder, 'src', name))
  const blocks = sources.filter(isChosen).flatMap((file) => codeBlocks(file))
  return blocks.length > 0 ? [{ name: `${basename(folder)}-examples`, blocks, areExamples: true }] : []
}

function isRun({ language, reason, name }) {
  return ['ts', 'sh'].includes(language) && !reason && !name
}

function checkFences({ blocks, areExamples }) {
  return blocks.flatMap((block) => {
    const { language, reason } = block
    if (!areExamples) {
      if (['ts', 'sh', 'json', 'yaml', ''].includes(language)) return []
      return [`${place(block)}: a block of ${language} is not checked; write ts or sh`]
    }
    if (language !== 'ts') return [`${place(block)}: a block of ${language} is not checked; write ts`]
    if (reason && !REASONS.some((known) => reason.startsWith(known)))
      return [`${place(block)}: "${reason}" is not among the reasons of scripts/docs/example-policy.mjs`]
    if (!reason && wantedOutput(block) === undefined)
      return [`${place(block)}: prints nothing; show a value with console.log(...) // output`]
    return []
  })
}

function functionsWithoutExample() {
  return publicFunctions(WITH_EXAMPLES)
    .filter(({ file, hasExample }) => !hasExample && isChosen(file))
    .map(({ name, file, line }) => `${place({ file, line })}: ${name} has no example in its docstring`)
}

/** Writes every TypeScript block to its document's folder and compiles all of them as one program. */
function checkTypes(documents) {
  const written = new Map()
  for (const { folder, blocks } of documents) {
    for (const block of blocks.filter(({ language }) => language === 'ts')) {
      const path = programFile(folder, block)
      writeFileSync(path, block.code)
      written.set(path, block)
    }
  }
  const program = ts.createProgram([...written.keys()], {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    allowImportingTsExtensions: true,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
  })
  return [...written].flatMap(([path, block]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const line = block.line + 1 + source.getLineAndCharacterOfPosition(diagnostic.start).line
      return `${place({ ...block, line })}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
    })
  })
}

function programFile(folder, { file, name, line }) {
  return join(folder, name ?? `${relative(root, file).replace(/\W+/g, '-')}-${line}.mts`)
}

/** Runs the blocks in order; one that fails ends the document, as the next ones may need what it left. */
async function runDocument({ folder, blocks }) {
  for (const block of blocks) {
    const wanted = wantedOutput(block)
    if (block.language === 'sh') {
      const unknown = unknownPackages(block.code)
      if (unknown.length > 0) return [`${place(block)}: installs what is not used here: ${unknown.join(', ')}`]
    }
    if (!isRun(block)) continue
    const { status, stdout, stderr } =
      block.language === 'sh'
        ? await run('bash', ['-euo', 'pipefail', '-c', withoutInstalls(block.code)], folder)
        : await run('node', [TYPESCRIPT, programFile(folder, block)], folder)
    if (status !== 0) return [`${place(block)}: exit status ${status}\n${stdout}${stderr}`]
    if (wanted !== undefined && !matches(wanted, stdout)) return [difference(block, wanted, stdout)]
  }
  return []
}

/** Runs the examples of one package in one process. */
async function runExamples({ name, folder, blocks }) {
  const programs = new Map(blocks.filter(isRun).map((block) => [programFile(folder, block), block]))
  const { status, stdout, stderr } = await run('node', [TYPESCRIPT, RUN_EXAMPLES, ...programs.keys()], folder)
  const results = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
  const faults = results.flatMap(({ file, output, error }) => {
    const block = programs.get(file)
    if (error !== undefined) return [`${place(block)}: ${error}`]
    const wanted = wantedOutput(block)
    return matches(wanted, output) ? [] : [difference(block, wanted, output)]
  })
  if (status === 0 && results.length === programs.size) return faults
  const next = [...programs.values()][results.length]
  return [...faults, `${next ? place(next) : name}: exit status ${status}\n${stderr}`]
}

function difference(block, wanted, got) {
  return `${place(block)}: wanted\n${wanted}\ngot\n${got}`
}

/** What a block says that it prints: a `text` block after it, or the comments after its `console.log`s. */
function wantedOutput({ code, prints, language }) {
  if (prints !== undefined || language !== 'ts') return prints
  const comments = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, output]) => output)
  return comments.length > 0 ? comments.join('\n') : undefined
}

/** Whether the output is what was wanted, where `...` stands for anything. */
function matches(wanted, output) {
  const parts = wanted.trim().split('...')
  const pattern = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('[^]*')
  return new RegExp(`^${pattern}$`).test(output.trim())
}

/** Packages that a shell block installs and that are neither ours nor in the catalog of versions. */
function unknownPackages(code) {
  const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const ours = packages().map(({ manifest }) => manifest.name)
  return [...code.matchAll(INSTALL)]
    .flatMap(([, words]) => words.trim().split(/\s+/))
    .filter(
      (word) =>
        !word.startsWith('-') &&
        !word.endsWith('.tgz') &&
        !ours.includes(word) &&
        !new RegExp(`^  '?${word}'?:`, 'm').test(catalog),
    )
}

/** Installing is what the workspace, or the folder of `--in`, has done already. */
function withoutInstalls(code) {
  return code.replace(INSTALL, '')
}

function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ status: code ?? signal, ...output }))
  })
}

/** With `npx`, `tab` and `tsx` of the workspace; in a folder of `--in`, npx finds what is installed. */
function environment() {
  return installed ? process.env : { ...process.env, PATH: [commands, process.env.PATH].join(delimiter) }
}

/** A folder with an `npx` that runs the command it is given, and the commands that the guides use. */
function makeCommands() {
  const scripts = {
    npx: 'exec "$@"',
    tab: `exec node '${join(root, 'packages/cli/dist/bin.js')}' "$@"`,
    tsx: `exec node ${TYPESCRIPT} "$@"`,
  }
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(commands, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }
}

function place({ file, line }) {
  return `${relative(root, file)}:${line}`
}

function isWithin(folder, path) {
  return path === folder || path.startsWith(`${folder}${sep}`)
}
