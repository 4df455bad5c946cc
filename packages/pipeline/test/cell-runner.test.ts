import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { localRunner, threadRunner, type CellRunner } from '../src/node/benchmark/cell-runner.ts'
import { cellsOf, type Cell } from '../src/node/benchmark/cells.ts'
import { checkConfig } from '../src/node/benchmark/read-config.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
let cells: readonly Cell[]
beforeAll(async () => {
  mini = await miniature()
  const config = {
    datasets: [{ path: mini.data }],
    backbones: [{ name: 'saved', weights: mini.backbone }],
    detectors: [{ method: 'patchcore', coresetRatio: 0.2 }],
    shots: [1, 2, 3],
    imageSize: 64,
  }
  const data = { dataset: 'washers', category: '', path: mini.data, layout: undefined, normals: 5 }
  cells = cellsOf(checkConfig('test', config, '.'), [data])
})
afterAll(() => rm(mini.folder, { recursive: true }))

const inThread = (): CellRunner =>
  threadRunner({ cache: undefined, threads: 1 }, new URL('worker-source.mjs', import.meta.url), {
    execArgv: ['--conditions=@tab/source'],
  })

async function scoresBy(runner: CellRunner): Promise<unknown[]> {
  const scores: unknown[] = []
  for (const cell of cells) scores.push((await runner.run({ cell, key: String(cell.name.shots) }, {})).scores)
  await runner.stop()
  return scores
}

test('a thread runs one cell after the other, with the scores of this thread', async () => {
  const here = await scoresBy(await localRunner({ cache: undefined, threads: 1 }))
  expect(here).toHaveLength(3)
  expect(await scoresBy(inThread())).toEqual(here)
})

test('what a cell fails with comes through, and the next one runs', async () => {
  const [cell] = cells as [Cell]
  const runner = inThread()
  const broken = { cell: { ...cell, backbone: { name: 'none', weights: '/none.safetensors' } }, key: 'broken' }
  await expect(runner.run(broken, {})).rejects.toMatchObject({
    code: 'NOT_FOUND',
    message: expect.stringContaining('none.safetensors'),
  })
  expect((await runner.run({ cell, key: 'whole' }, {})).key).toBe('whole')
  await runner.stop()
})

test('an abort ends the thread', async () => {
  const controller = new AbortController()
  const runner = inThread()
  const running = runner.run({ cell: cells[0] as Cell, key: 'never' }, { signal: controller.signal })
  controller.abort()
  await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
})
