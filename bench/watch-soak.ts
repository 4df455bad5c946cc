// `tab predict --watch` over many images in four folders, by all ways that files come: every content must be scored, once. Takes the built
// command. COUNT is the number of images (default 10,000).
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { tensor } from '@tab/core'
import { writeImage, writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, saveBackbone } from '@tab/model'

const COUNT = Number(process.argv[2] ?? 10_000)
const BIN = join(import.meta.dirname, '../packages/cli/dist/bin.js')
const folder = mkdtempSync(join(tmpdir(), 'watch-soak-'))
const at = (...names: string[]): string => join(folder, ...names)

await writeSyntheticDataset(at('data'), { part: 'washer', size: [32, 32], seed: 1, train: 4, good: 0, perDefect: 0 })
writeFileSync(
  at('w.safetensors'),
  saveBackbone(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer2' })),
)
const fit = ['fit', '--data', at('data'), '--backbone', at('w.safetensors'), '--layers', 'layer2', '--image-size', '32']
const fitted = spawnSync(process.execPath, [BIN, ...fit, '--coreset-size', '8', '--output', at('d.safetensors')])
if (fitted.status !== 0) throw new Error(String(fitted.stderr))

const lines = ['one', 'two', 'three', 'four'].map((name) => at(name))
for (const line of lines) mkdirSync(line)
const predict = ['predict', '--model', at('d.safetensors'), '--threshold', '1e9', '--json', '--watch', ...lines]
const begun = performance.now()
const watch = spawn(process.execPath, [BIN, ...predict, '--batch-size', '64'], { stdio: ['ignore', 'pipe', 'inherit'] })
const scored = new Map<string, number>()
let total = 0
let rest = ''
watch.stdout.on('data', (chunk: Buffer) => {
  const parts = (rest + chunk.toString()).split('\n')
  rest = parts.pop() ?? ''
  for (const part of parts) {
    const { path } = JSON.parse(part) as { path: string }
    scored.set(path, (scored.get(path) ?? 0) + 1)
    total++
  }
})

/** An image of its own number, so that no two are alike. */
async function bytesOf(number: number): Promise<Buffer> {
  const values = Float32Array.from({ length: 32 * 32 * 3 }, (_, i) => ((i * 7 + number * (1 + (i % 5))) % 256) / 255)
  await writeImage(at('image.png'), tensor([32, 32, 3], values))
  return readFileSync(at('image.png'))
}

const expected = new Map<string, number>()
const pending: Promise<void>[] = []
for (let number = 0; number < COUNT; number++) {
  const line = lines[number % 4] as string
  const bytes = await bytesOf(number)
  const path = join(line, `${number}.png`)
  const way = Math.floor(number / 4) % 4
  expected.set(path, 1)
  if (way === 0) await writeFile(path, bytes)
  else if (way === 1) {
    await writeFile(`${path}.part`, bytes)
    await rename(`${path}.part`, path)
  } else if (way === 2) {
    const half = bytes.length >> 1
    await writeFile(path, bytes.subarray(0, half))
    pending.push(pause(600).then(() => appendFile(path, bytes.subarray(half))))
  } else {
    await writeFile(path, bytes)
    if (number % 50 === 0) {
      // As a camera does: overwritten under its own name, when the first was scored.
      expected.set(path, 2)
      const other = await bytesOf(number + 1_000_000)
      pending.push(until(() => scored.has(path)).then(() => writeFile(path, other)))
    }
  }
  if (number % 1000 === 999) console.log(`${number + 1} written, ${total} scored`)
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(100)
}

await Promise.all(pending)
const wanted = [...expected.values()].reduce((sum, count) => sum + count, 0)
const deadline = performance.now() + 600_000
await until(() => total >= wanted || performance.now() > deadline)
await pause(5000) // whatever comes twice comes now
watch.kill('SIGINT')
const status = await new Promise((resolve) => watch.once('exit', resolve))
const wrong = [...expected].filter(([path, count]) => scored.get(path) !== count)
console.log(`${wanted} contents of ${COUNT} files, ${total} scored, ${wrong.length} files wrong, exit status ${status}`)
console.log(`${((performance.now() - begun) / 1000).toFixed(0)} s`)
for (const [path, count] of wrong.slice(0, 10)) console.log(`${path}: ${scored.get(path) ?? 0}, not ${count}`)
rmSync(folder, { recursive: true })
process.exitCode = wrong.length === 0 && status === 0 ? 0 : 1
