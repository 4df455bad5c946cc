import type { ChildProcess, StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { run } from '../src/run.ts'
import { runTab } from './run-tab.ts'
import { tabProcess } from './tab-process.ts'

let mini: Miniature
let model: string
beforeAll(async () => {
  mini = await miniature()
  model = join(mini.folder, 'detector.safetensors')
  expect((await runTab(fit('detector.safetensors', '--calibrate', '0.4'))).status).toBe(0)
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** A process of the command, and what it says. */
function start(args: readonly string[], stdio: StdioOptions = ['ignore', 'pipe', 'pipe']) {
  const child = tabProcess(args, { stdio })
  const said = { text: '' }
  child.stderr?.on('data', (chunk: Buffer) => (said.text += chunk.toString()))
  return { child, said }
}

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

const fit = (output: string, ...flags: string[]): string[] => [
  ...[
    'fit',
    '--data',
    mini.data,
    '--backbone',
    mini.backbone,
    '--image-size',
    '32',
    '--coreset-ratio',
    '0.1',
    '--no-suspects',
  ],
  ...['--output', join(mini.folder, output), ...flags],
]

test('a reader that went away costs no result, and a run that it cuts short has a status of its own', async () => {
  const fitting = start(fit('piped.safetensors', '--json'))
  const prediction = start(['predict', '--model', model, '--json', '--batch-size', '1', mini.data])
  for (const { child } of [fitting, prediction]) child.stdout?.destroy()
  expect(await Promise.all([statusOf(fitting.child), statusOf(prediction.child)])).toEqual([0, 141])
  expect(await readdir(mini.folder)).toContain('piped.safetensors')
  for (const { said } of [fitting, prediction]) expect(said.text).not.toMatch(/EPIPE|stopped|\n\s+at /)
})

test('a full disk that standard output goes to is one line, and costs no result', async () => {
  const full = await open('/dev/full', 'w')
  const { child, said } = start(fit('full.safetensors', '--json'), ['ignore', full.fd, 'pipe'])
  const status = await statusOf(child)
  await full.close()
  expect([status, said.text]).toEqual([1, expect.stringMatching(/\ntab: standard output: ENOSPC: [^\n]*\n$/)])
  expect(await readdir(mini.folder)).toContain('full.safetensors')
})

test('an evaluation is saved before it is printed', async () => {
  const output = join(mini.folder, 'evaluated')
  const there: string[][] = []
  const stdout = { write: () => void there.push(readdirSync(output).filter((name) => !name.startsWith('.'))) }
  const args = ['evaluate', '--data', mini.data, '--backbone', mini.backbone, '--image-size', '32', '--output', output]
  const { signal } = new AbortController()
  await run([...args, '--coreset-ratio', '0.1'], { stdout, stderr: { write: () => undefined }, signal })
  expect(there).toEqual([['report.html', 'results.json']])
})

test('a hangup ends a watch as ctrl-C does, and one that saw no image has judged nothing', async () => {
  const line = join(mini.folder, 'line')
  await mkdir(line)
  const heat = join(mini.folder, 'heat')
  const { child, said } = start(['predict', '--model', model, '--watch', '--heatmaps', heat, line])
  while (!said.text.includes('watching')) await once(child.stderr as NodeJS.ReadableStream, 'data')
  expect((await readdir(heat)).filter((name) => name.endsWith('.lock'))).toHaveLength(1)
  child.kill('SIGHUP')
  expect([await statusOf(child), said.text]).toEqual([3, expect.stringMatching(/no images, nothing judged\n$/)])
  await expect(readdir(heat)).rejects.toThrow('ENOENT')
})

test('of two runs into one output the second is refused', async () => {
  const both = [start(fit('twice.safetensors')), start(fit('twice.safetensors'))]
  const statuses = await Promise.all(both.map(({ child }) => statusOf(child)))
  expect(statuses.sort()).toEqual([0, 1])
  expect(both.map(({ said }) => said.text).join('')).toMatch(
    /twice.safetensors(: process \d+ .* is writing there| exists)/,
  )
})
