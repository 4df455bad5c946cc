import { readFileSync } from 'node:fs'

/** What may follow a fence's language: `no-run: REASON`, or `file=NAME` for a program that the next commands use. */
const NOTE = /^(?:no-run: (?<reason>.+)|file=(?<name>[\w.-]+))?$/

/**
 * The fenced code blocks of a markdown file, or of the docstrings of a TypeScript file, in order. A `text` block after a block that
 * runs is what that one prints.
 * @returns {{ file: string, line: number, language: string, code: string, reason?: string, name?: string, prints?: string }[]}
 * `line` is the fence's, from 1
 */
export function codeBlocks(file) {
  const blocks = []
  const text = readFileSync(file, 'utf8')
  const lines = (file.endsWith('.md') ? text : docstrings(text)).split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language, note] = /^(`{3,})(\w*) ?(.*)$/.exec(lines[at]) ?? []
    if (!fence) continue
    const end = lines.indexOf(fence, at + 1)
    const noted = NOTE.exec(note)
    if (end < 0 || !noted) throw new Error(`${file}:${at + 1}: cannot make sense of the fence "${lines[at]}"`)
    const code = `${lines.slice(at + 1, end).join('\n')}\n`
    if (language === 'text' && blocks.length > 0) blocks.at(-1).prints = code
    else blocks.push({ file, line: at + 1, language, code, ...noted.groups })
    at = end
  }
  return blocks
}

/** The text of the docstrings on the lines where it stands in the source; all other lines are empty. */
function docstrings(source) {
  let inside = false
  return source
    .split('\n')
    .map((line) => {
      inside ||= /^\s*\/\*\*/.test(line)
      const text = inside ? line.replace(/^\s*(?:\/\*\*|\*(?!\/)) ?|\s*\*\/.*$/g, '') : ''
      if (line.includes('*/')) inside = false
      return text
    })
    .join('\n')
}
