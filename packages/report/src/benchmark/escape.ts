// eslint-disable-next-line no-control-regex
const BREAKS = /[\u0000-\u001f\u007f\u2028\u2029]+/g

/** Text for a cell or a caption of a Markdown table: what Markdown would take for a sign of its own is escaped. */
export function markdownText(text: string): string {
  return text
    .replace(BREAKS, ' ')
    .replace(/[\\`*[\]|]/g, '\\$&')
    .replace(/<(?=[a-z/!?])/gi, '\\<') // a tag
    .replace(/&(?=#?\w+;)/g, '\\&') // an entity
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_') // not within a word, where it is none
    .replace(/~(?=~)|(?<=~)~/g, '\\~')
}

/** Text for a LaTeX table, with the default encodings of pdfLaTeX. */
export function latexText(text: string): string {
  return text
    .replace(BREAKS, ' ')
    .replace(/[\\&%$#_{}~^|<>"[\]*±−–]/g, (character) => LATEX[character] ?? `\\${character}`)
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '|': '\\textbar{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '"': '\\textquotedbl{}',
  '[': '{[}', // after the \\ of the row before it would begin an argument
  ']': '{]}',
  '*': '{*}',
  '±': '$\\pm$',
  '−': '$-$',
  '–': '--',
}

/**
 * Text for a cell of a CSV file of your own, such as a file name, that no spreadsheet takes for a formula (OWASP, CSV injection).
 * @example
 * ```ts
 * import { csvText } from '@tab/report'
 *
 * console.log(['screw-7.png', '=HYPERLINK("http://x")'].map(csvText).join(', ')) // screw-7.png, '=HYPERLINK("http://x")
 * ```
 */
export function csvText(text: string): string {
  return /^[=+\-@\t\r＝＋－＠]/.test(text) ? `'${text}` : text
}
