// `npm run docs`: the documentation site in docs-site/, from the docstrings, the READMEs, docs/guides, the decisions, and the
// help texts of the `tab` command. Whatever typedoc warns of, such as a link that leads nowhere, is an error.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  DocumentReflection,
  MinimalSourceFile,
  ReflectionKind,
  TSConfigReader,
} from 'typedoc'
import { createProgram } from '../packages/cli/src/program.ts'
import { entryPoints, root } from './workspace.mjs'

const entries = entryPoints()
const app = await Application.bootstrap(
  {
    name: 'TAB for TypeScript',
    entryPoints: entries.map(({ source }) => source),
    tsconfig: join(root, 'scripts/docs/tsconfig.json'),
    out: join(root, 'docs-site'),
    readme: 'none', // set below, without its heading
    customCss: join(root, 'scripts/docs/style.css'),
    titleLink: 'index.html',
    groupOrder: ['Guides', 'Packages', 'Command line', 'Examples', 'Project', '*'],
    sort: ['kind', 'alphabetical-ignoring-documents'],
    navigation: { includeGroups: true, includeFolders: false },
    searchInDocuments: true,
    searchInComments: true,
    // Who searches for a word wants to read about it first; a property of that name comes last, though its name matches best.
    searchGroupBoosts: { Guides: 120, 'Command line': 20, Packages: 5, Functions: 1.5, Properties: 0.1 },
    hideGenerator: true,
    disableGit: true,
    sourceLinkTemplate: ' ',
    githubPages: false,
    validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true, notDocumented: false },
    treatWarningsAsErrors: true,
  },
  [new TSConfigReader()],
)

app.converter.on(Converter.EVENT_CREATE_PROJECT, (_context, project) => {
  project.readme = parse(join(root, 'README.md'), project).content
  project.files.registerReflectionPath(join(root, 'README.md'), project)
  const guides = join(root, 'docs/guides/README.md')
  for (const file of [guides, ...linkedFiles(guides)]) addDocument(project, 'Guides', file)
  addDocument(project, 'Command line', join(root, 'packages/cli/README.md'), { extra: commandHelp() })
  for (const name of readdirSync(join(root, 'examples'))) {
    const program = programOf(join(root, 'examples', name))
    addDocument(project, 'Examples', join(root, 'examples', name, 'README.md'), {
      extra: `\n\`\`\`ts\n${program}\`\`\`\n`,
    })
  }
  for (const name of ['ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'])
    addDocument(project, 'Project', join(root, name))
  const decisions = addDocument(project, 'Project', join(root, 'docs/decisions/README.md'))
  for (const name of readdirSync(join(root, 'docs/decisions'))) {
    if (/^\d/.test(name)) addDocument(decisions, undefined, join(root, 'docs/decisions', name))
  }
})

app.converter.on(Converter.EVENT_CREATE_DECLARATION, (_context, module) => {
  if (module.kind !== ReflectionKind.Module) return
  module.comment ??= new Comment()
  module.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: 'Packages' }]))
  const { folder } = entries.find(({ name, package: owner }) => name === module.name && name === owner) ?? {}
  if (!folder) return
  const readme = join(folder, 'README.md')
  module.readme = parse(readme, module.project).content
  module.project.files.registerReflectionPath(readme, module)
  module.project.files.registerReflectionPath(folder, module)
})

// A function of options shows them on its own page.
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  project.comment ??= new Comment()
  for (const { name } of project.getReflectionsByKind(ReflectionKind.Interface)) {
    if (!name.endsWith('Options')) continue
    project.comment.blockTags.push(new CommentTag('@expandType', [{ kind: 'text', text: name }]))
  }
})

const found = app.getEntryPoints()
for (const entry of found) {
  entry.displayName = entries.find(({ source }) => resolve(entry.sourceFile.fileName) === source).name
}
const project = app.converter.convert(found)
app.validate(project)
await app.generateOutputs(project)
if (app.logger.hasErrors() || app.logger.hasWarnings()) process.exitCode = 1

/** The markdown files that a page links to in its own folder, in the order of the links. */
/** The code of an example that its page shows. */
function programOf(folder) {
  const name = ['main.ts', 'service.ts'].find((file) => existsSync(join(folder, file)))
  return readFileSync(join(folder, name), 'utf8')
}

function linkedFiles(index) {
  const links = [...readFileSync(index, 'utf8').matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, name]) => name)
  const unlisted = readdirSync(dirname(index)).filter((name) => name !== basename(index) && !links.includes(name))
  if (unlisted.length > 0) throw new Error(`${index} does not link to ${unlisted.join(', ')}`)
  return links.map((name) => join(dirname(index), name))
}

/** The title of a markdown file, and its content without that heading. */
function parse(file, project, extra = '') {
  const text = readFileSync(file, 'utf8')
  const [heading, title] = /^# (.*)\n/.exec(text) ?? []
  if (!heading) throw new Error(`${file} does not begin with a heading`)
  const source = new MinimalSourceFile(text.slice(heading.length) + extra, file)
  return { title, content: app.converter.parseRawComment(source, project.files).content }
}

function addDocument(parent, group, file, { extra } = {}) {
  const { title, content } = parse(file, parent.project, extra)
  const heading = { kind: 'text', text: `# ${title}\n` } // pages of documents have no title of their own
  const document = new DocumentReflection(title, parent, [heading, ...content], group ? { group } : {})
  parent.addChild(document)
  parent.project.registerReflection(document, undefined, file)
  if (basename(file) === 'README.md') parent.project.files.registerReflectionPath(dirname(file), document)
  app.converter.trigger(Converter.EVENT_CREATE_DOCUMENT, undefined, document)
  return document
}

/** The help texts of all subcommands, as `tab help NAME` prints them. */
function commandHelp() {
  let text = ''
  const output = { write: (part) => (text += part) }
  const program = createProgram({ stdout: output, stderr: output, signal: new AbortController().signal })
  const section = (command, path) => {
    text += `\n## ${path}\n\n\`\`\`text\n`
    command.outputHelp()
    text = `${text.trimEnd()}\n\`\`\`\n`
    for (const child of command.commands) section(child, `${path} ${child.name()}`)
  }
  for (const command of program.commands) section(command, `tab ${command.name()}`)
  return text
}
