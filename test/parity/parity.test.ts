import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { loadOrt } from '@tab/backend-onnx/node'
import { openInspector } from '@tab/pipeline'
import { ENGINES } from './engines.ts'
import { KEPT, scoresOf, type KeptScore } from './fixture-scores.ts'
import { parityTable } from './parity-table.ts'

/** Ten times what was measured (docs/results/trust.md), for processors that add in another order; a verdict moves by no more than this share. */
const BOUND = 1e-5

test('every detector scores the same on every engine as by the definition of its network in float64', async () => {
  const engines = Object.keys(ENGINES).filter((name) => name !== 'reference')
  const rows = await parityTable(engines)
  expect(rows.map(({ engine, detector }) => `${detector} on ${engine}`)).toHaveLength(5 * engines.length)
  expect(rows.filter(({ score, map }) => !(score <= BOUND && map <= BOUND))).toEqual([])
})

const FIXTURES = join(import.meta.dirname, 'fixtures')

describe.each(readdirSync(FIXTURES))('a detector file of version %s', (version) => {
  const at = (name: string): Buffer => readFileSync(join(FIXTURES, version, name))
  const scores = JSON.parse(at('scores.json').toString()) as Readonly<Record<(typeof KEPT)[number], KeptScore[]>>

  test.each(KEPT)('of %s opens, holds its certificate, and scores as it did', async (name) => {
    const ort = await loadOrt()
    const inspector = await openInspector({ detector: at(`${name}.safetensors`), backbone: at('backbone.onnx'), ort })
    const found = await scoresOf(inspector)
    const numbers = ({ score, map }: KeptScore): number[] => [score, ...map]
    const wanted = scores[name].flatMap(numbers)
    const largest = Math.max(...wanted)
    expect(largest).toBeGreaterThan(0)
    expect(found.flatMap(numbers).map((value) => value / largest)).toEqual(
      wanted.map((value) => expect.closeTo(value / largest, 5)),
    )
    expect((await inspector.checkParity())?.difference).toBeLessThan(BOUND)
    inspector.dispose()
  })
})
