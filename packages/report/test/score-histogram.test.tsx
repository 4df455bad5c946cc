import { expect, test } from '@jest/globals'
import { renderToString } from 'preact-render-to-string'
import { ScoreHistogram } from '../src/charts/score-histogram.tsx'

test('the highest score counts in a bin of the same width as the others', () => {
  const scores = { good: [2, 3, 4], defective: [10.4, 15.2, 17] }
  const html = renderToString(<ScoreHistogram title="run" scores={scores} threshold={undefined} />)
  const bins = [...html.matchAll(/>([\d.]+) to ([\d.]+)</g)].map(([, from, to]) => Number(to) - Number(from))
  expect(bins).toHaveLength(6)
  expect(new Set(bins.map((width) => width.toFixed(6))).size).toBe(1)
})
