import { expect, test } from '@jest/globals'
import { notScored } from '@tab/pipeline/node'
import { resultPrinter } from '../src/terminal/image-results-text.ts'

test('the CSV of tab predict holds no formula, whatever a file is called', () => {
  let written = ''
  const printer = resultPrinter('csv', { write: (chunk) => void (written += chunk) })
  printer.print(notScored('=1+1.png', '@x', -0.5))
  expect(written.split('\n')[1]).toBe("'=1+1.png,,-0.5,,,,,'@x")
})
