import { dirname, extname, join } from 'node:path'
import ts from 'typescript'
import { entryPoints } from '../workspace.mjs'

/**
 * The functions and classes that the entry points of the packages named export, members of exported namespaces included.
 * @returns {{ name: string, file: string, line: number, hasExample: boolean }[]} `name` with the entry that exports it first
 */
export function publicFunctions(names) {
  const entries = entryPoints().filter((entry) => names.includes(entry.package))
  const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, noLib: true, noEmit: true, types: [] }
  const program = ts.createProgram(
    entries.map(({ source }) => source),
    options,
    onlyOwnFiles(options),
  )
  const checker = program.getTypeChecker()
  const found = new Map()
  const visit = (entry, prefix, moduleSymbol) => {
    for (const exported of checker.getExportsOfModule(moduleSymbol)) {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
      const name = `${prefix}${exported.name}`
      if (symbol.flags & ts.SymbolFlags.ValueModule) visit(entry, `${name}.`, symbol)
      else if (!found.has(symbol) && isCallable(checker, symbol)) found.set(symbol, describe(entry, name, symbol))
    }
  }
  for (const entry of entries) visit(entry, '', checker.getSymbolAtLocation(program.getSourceFile(entry.source)))
  return [...found.values()]
}

/** A host that leaves imports of other packages unresolved: who exports what is written in a package's own files. */
function onlyOwnFiles(options) {
  return {
    ...ts.createCompilerHost(options),
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => ({
        resolvedModule: text.startsWith('.')
          ? { resolvedFileName: join(dirname(from), text), extension: extname(text) }
          : undefined,
      })),
  }
}

function isCallable(checker, symbol) {
  if (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Class)) return true
  if (!(symbol.flags & ts.SymbolFlags.Variable)) return false
  return checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0
}

function describe(entry, name, symbol) {
  const [declaration] = symbol.declarations
  const source = declaration.getSourceFile()
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart())
  const examples = symbol.declarations
    .flatMap((each) => ts.getJSDocTags(each))
    .filter(({ tagName }) => tagName.text === 'example')
  return {
    name: `${entry.name} ${name}`,
    file: source.fileName,
    line: line + 1,
    hasExample: examples.some((tag) => tag.getText().includes('```ts')),
  }
}
