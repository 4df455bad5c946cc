import { describe, expect, test } from '@jest/globals'
import { renderToString } from 'preact-render-to-string'
import { LineChart, type Point } from '../src/charts/line-chart.tsx'

const LABELS = { title: 'Loss', xLabel: 'step', yLabel: 'loss' }

/** The points of the lines, in the order of the series. */
function paths(html: string): [number, number][][] {
  return [...html.matchAll(/<path class="series [^"]*" d="M([^"]*)"/g)].map(([, path]) =>
    (path as string).split('L').map((point) => point.split(',').map(Number) as [number, number]),
  )
}

describe('LineChart', () => {
  test('puts the corners of the domain on the corners of the plot, y upwards', () => {
    const points: Point[] = [
      [0, 0],
      [10, 1],
    ]
    const html = renderToString(<LineChart {...LABELS} series={[{ name: 'a', points }]} />)
    const [[from, to]] = paths(html) as [[[number, number], [number, number]]]
    const [, , x2] = /<line x1="(\d+)" x2="(\d+)"/.exec(html) as unknown as [string, string, string]
    expect(to[0]).toBe(Number(x2))
    expect(from[0]).toBeLessThan(to[0])
    expect(from[1]).toBeGreaterThan(to[1])
  })

  test('leaves out points on a straight line, and no corner', () => {
    const straight: Point[] = Array.from({ length: 1001 }, (_, x) => [x, 2 * x])
    const peak: Point[] = straight.map(([x, y]) => [x, x === 500 ? 3000 : y])
    const html = renderToString(
      <LineChart
        {...LABELS}
        series={[
          { name: 'straight', points: straight },
          { name: 'peak', points: peak },
        ]}
      />,
    )
    const [first, second] = paths(html) as [unknown[], unknown[]]
    expect(first).toHaveLength(2)
    expect(second).toHaveLength(5)
  })

  test('the table gives each line at the ticks, the last value at a step, and a dash beyond its ends', () => {
    const html = renderToString(
      <LineChart
        {...LABELS}
        xDomain={[0, 1]}
        yDomain={[0, 1]}
        series={[
          {
            name: 'ramp',
            points: [
              [0, 0],
              [1, 0.5],
            ],
          },
          {
            name: 'step',
            points: [
              [0.2, 0.1],
              [0.2, 0.9],
              [0.5, 0.9],
            ],
          },
        ]}
      />,
    )
    const rows = [...html.matchAll(/<th scope="row">([^<]*)<\/th><td>([^<]*)<\/td><td>([^<]*)<\/td>/g)].map(
      ([, ...cells]) => cells,
    )
    expect(rows).toHaveLength(11)
    expect(rows[0]).toEqual(['0.0', '0.000', '–'])
    expect(rows[2]).toEqual(['0.2', '0.100', '0.900'])
    expect(rows[5]).toEqual(['0.5', '0.250', '0.900'])
    expect(rows[6]).toEqual(['0.6', '0.300', '–'])
  })

  test('names the lines in a legend, each with a look of its own, and has a name and text escaped', () => {
    const series = ['<b>', 'two', 'three'].map((name) => ({ name, points: [[0, 1]] as Point[] }))
    const html = renderToString(<LineChart {...LABELS} title="A & B" series={series} />)
    const legend = /<ul class="legend">(.*?)<\/ul>/.exec(html)?.[1] ?? ''
    for (const name of ['&lt;b>', 'two', 'three']) expect(legend).toContain(name)
    expect(new Set(legend.match(/series-\d/g)).size).toBe(3)
    const named = /role="img" aria-labelledby="([^"]+)"/.exec(html)?.[1]
    expect(html).toContain(`<figcaption id="${named}">A &amp; B</figcaption>`)
  })

  test('draws axes when there is no point at all', () => {
    const html = renderToString(<LineChart {...LABELS} series={[]} />)
    expect(html).toContain('>0.0<')
    expect(html).not.toContain('NaN')
  })
})
