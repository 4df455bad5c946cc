import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { csvText, latexText, markdownText } from '../src/benchmark/escape.ts'
import { notScored } from '../src/detection/image-result.ts'
import { resultPrinter } from '../src/terminal/image-results-text.ts'
import { latexOf, markdownOf } from '../src/benchmark/tables.ts'

const NAMES = [
  'a|b',
  'a\\|b',
  '<script>x</script>',
  '*bold* [link](x) `code`',
  'two\nlines',
  '&amp;',
  '~~gone~~',
  '_em_ a_b',
]

describe('names in tables', () => {
  test('whatever a name holds, a Markdown table has its rows and columns', () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'binary' })), (name) => {
        const text = markdownOf([{ caption: name, head: ['a', 'b'], rows: [[name, '1']], notes: [name] }])
        const lines = text.split('\n')
        const rows = lines.filter((line) => /^\|/.test(line))
        // A bar that is not escaped ends a cell.
        for (const row of rows) expect(row.replace(/\\[^]/g, '').match(/\|/g)).toHaveLength(3)
        expect(rows.length).toBeGreaterThanOrEqual(3)
        expect(text).not.toMatch(/(?<!\\)<[a-z/]/i)
      }),
    )
  })

  test('signs of Markdown are escaped, and words stay as they are', () => {
    expect(NAMES.map(markdownText)).toEqual([
      'a\\|b',
      'a\\\\\\|b',
      '\\<script>x\\</script>',
      '\\*bold\\* \\[link\\](x) \\`code\\`',
      'two lines',
      '\\&amp;',
      '\\~\\~gone\\~\\~',
      '\\_em\\_ a_b',
    ])
    expect(markdownText('resnet18_a1_in1k (Paper 50 %), 0.7 ± 0.1, <0.001')).toBe(
      'resnet18_a1_in1k (Paper 50 %), 0.7 ± 0.1, <0.001',
    )
  })

  test('LaTeX has no sign of its own left, and no blank line in a cell', () => {
    expect(latexText('50% of a_b & {c} #1 $x^2~ \\input')).toBe(
      '50\\% of a\\_b \\& \\{c\\} \\#1 \\$x\\textasciicircum{}2\\textasciitilde{} \\textbackslash{}input',
    )
    expect(latexText('–0.5 −1 ± 2 | <b>')).toBe('--0.5 $-$1 $\\pm$ 2 \\textbar{} \\textless{}b\\textgreater{}')
    // Straight after the \\ of the row before, [ and * would be its argument.
    expect(latexOf([{ caption: 'c', head: ['[1pt]', 'a\n\nb'], rows: [['*x', '']] }])).toMatch(
      /\n {4}\{\[\}1pt\{\]\} & a b \\\\\n[^]*\n {4}\{\*\}x & {2}\\\\\n/,
    )
  })

  test('nor does the CSV of tab predict, where a file is called so', () => {
    const text = { written: '' }
    const printer = resultPrinter('csv', { write: (chunk) => void (text.written += chunk) })
    printer.print(notScored('=1+1.png', '@x', -0.5))
    expect(text.written.split('\n')[1]).toBe("'=1+1.png,,-0.5,,,,,'@x")
  })

  test('CSV holds no formula', () => {
    expect(['=1+1', '+1', '-1', '@x', '\tx', 'x=1', 'plain'].map(csvText)).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "'\tx",
      'x=1',
      'plain',
    ])
  })
})
