// `npm run check:docs`: the code blocks of README.md, of the packages' READMEs and of docs/guides are type-checked and run, in
// order, each document in a folder of its own, on the built packages. A `console.log(...) // output` and a `text` block behind a program or a command
// say what it prints. Blocks that cannot run here say why: ```sh no-run: needs weights. With `--in FOLDER` the packages are
// those that are installed in that folder, and only the guides are followed.
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, delimiter, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import ts from 'typescript'
import { codeBlocks } from './docs/code-blocks.mjs'
import { writeFixtures } from './docs/fixtures.mjs'
import { packages, root } from './workspace.mjs'

const TIMEOUT = 180_000
const TYPESCRIPT = `--import=${import.meta.resolve('tsx')}`
const INSTALL = /^npm install (.*?)(?: #.*)?$/gm
const { values } = parseArgs({ options: { in: { type: 'string' } } })
const installed = values.in && resolve(values.in)
const guides = readdirSync(join(root, 'docs/guides')).map((name) => join(root, 'docs/guides', name))
const readmes = [root, ...packages().map(({ folder }) => folder)].map((folder) => join(folder, 'README.md'))
const work = mkdtempSync(join(installed ?? join(root, 'node_modules'), '.docs-'))
const commands = join(work, 'bin')
try {
  mkdirSync(commands)
  makeCommands()
  const fixtures = join(work, 'fixtures')
  if (!installed) await writeFixtures(fixtures)
  const documents = (installed ? guides : [...readmes, ...guides]).map((file, index) => {
    const folder = join(work, `${index}-${basename(file, '.md').toLowerCase()}`)
    if (guides.includes(file)) mkdirSync(folder)
    else cpSync(fixtures, folder, { recursive: true })
    const blocks = codeBlocks(file)
    for (const { name, code } of blocks) if (name) writeFileSync(join(folder, name), code)
    return { file, folder, blocks }
  })
  const faults = [
    ...documents.flatMap(checkFences),
    ...checkTypes(documents),
    ...(await inPairs(documents, runDocument)).flat(),
  ]
  if (faults.length > 0) {
    console.error(faults.join('\n\n'))
    process.exitCode = 1
  } else {
    const all = documents.flatMap(({ blocks }) => blocks)
    const ran = all.filter(({ language, reason }) => ['ts', 'sh'].includes(language) && !reason)
    console.log(`${ran.length} code blocks of ${documents.length} documents ran`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}

function checkFences({ file, blocks }) {
  return blocks
    .filter(({ language }) => !['ts', 'sh', 'json', 'yaml', ''].includes(language))
    .map(({ line, language }) => `${place(file, line)}: a block of ${language} is not checked; write ts or sh`)
}

/** Writes every TypeScript block to its document's folder and compiles all of them as one program. */
function checkTypes(documents) {
  const written = new Map()
  for (const { file, folder, blocks } of documents) {
    for (const block of blocks.filter(({ language }) => language === 'ts')) {
      const path = programFile(folder, block)
      writeFileSync(path, block.code)
      written.set(path, { file, block })
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
  return [...written].flatMap(([path, { file, block }]) => {
    const source = program.getSourceFile(path)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) => {
      const line = block.line + 1 + source.getLineAndCharacterOfPosition(diagnostic.start).line
      return `${place(file, line)}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`
    })
  })
}

function programFile(folder, { name, line }) {
  return join(folder, name ?? `line-${line}.mts`)
}

/** Runs the blocks in order; one that fails ends the document, as the next ones may need what it left. */
async function runDocument({ file, folder, blocks }) {
  for (const block of blocks) {
    const wanted = wantedOutput(block)
    if (block.language === 'sh') {
      const unknown = unknownPackages(block.code)
      if (unknown.length > 0)
        return [`${place(file, block.line)}: installs what is not used here: ${unknown.join(', ')}`]
    }
    if (block.reason || block.name || !['ts', 'sh'].includes(block.language)) continue
    const { status, stdout, stderr } =
      block.language === 'sh'
        ? await run('bash', ['-euo', 'pipefail', '-c', withoutInstalls(block.code)], folder)
        : await run('node', [TYPESCRIPT, programFile(folder, block)], folder)
    if (status !== 0) return [`${place(file, block.line)}: exit status ${status}\n${stdout}${stderr}`]
    if (wanted !== undefined && !matches(wanted, stdout)) {
      return [`${place(file, block.line)}: wanted\n${wanted}\ngot\n${stdout}`]
    }
  }
  return []
}

/** What a block says that it prints: a `text` block behind it, or the comments behind its `console.log`s. */
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
      (word) => !word.startsWith('-') && !ours.includes(word) && !new RegExp(`^  '?${word}'?:`, 'm').test(catalog),
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

/** Two at a time: most blocks wait for one thread. */
async function inPairs(items, task) {
  const results = []
  const queue = [...items.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results[next[0]] = await task(next[1])
  }
  await Promise.all([work(), work()])
  return results
}

function place(file, line) {
  return `${relative(root, file)}:${line}`
}
