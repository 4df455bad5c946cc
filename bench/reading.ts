// Reading photographs for a network: exactly, by libvips as they are decoded, and what that changes in scores.
//   npm run bench -- reading [HEIGHT] [WIDTH]
// A JPEG of 3000 x 4000 pixels is brought to 224 x 224 in turns; the event loop is watched meanwhile. Then a detector is fitted on exactly read
// photographs of 1024 px, and good ones are scored as they are read both ways.
import { mkdtempSync, rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { resizeImage, syntheticParts } from '@tab/data'
import { readPreparedImage } from '@tab/data/node'
import { fitInspector } from '@tab/pipeline/node'
import sharp from 'sharp'
import { compare } from './alternate.ts'

const [height = 3000, width = 4000] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(tmpdir(), 'bench-reading-'))
const size = [224, 224] as const

async function photograph(name: string, index: number, side: readonly [number, number]): Promise<string> {
  const { image } = syntheticParts({ part: 'circuit-board', size: [512, 512], seed: 1 }).normal(index)
  const [rows, columns] = side
  const raw = { width: columns, height: rows, channels: 3 } as const
  const levels = Uint8Array.from(resizeImage(image, side).data, (value) => Math.round(255 * value))
  const file = join(folder, `${name}.jpg`)
  await writeFile(file, await sharp(levels, { raw }).jpeg({ quality: 92 }).toBuffer())
  return file
}

const bytes = await readFile(await photograph('large', 0, [height, width]))
const stalls: Record<string, number> = {}
const reading = (how: 'exact' | 'fast') => ({
  name: how,
  async run() {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    await readPreparedImage(bytes, { size, reading: how })
    delay.disable()
    stalls[how] = Math.max(stalls[how] ?? 0, delay.max / 1e6)
  },
})
await compare(`a JPEG of ${height} x ${width} px to 224 x 224`, reading('fast'), reading('exact'))
console.log(
  `longest stop of the event loop: ${stalls['fast']?.toFixed(0)} ms fast, ${stalls['exact']?.toFixed(0)} ms exact`,
)

const files = await Promise.all(
  Array.from({ length: 12 }, (_, index) => photograph(`part-${index}`, index, [1024, 1024])),
)
const inspector = await fitInspector({
  images: files.slice(0, 8),
  preparation: { size },
  method: { method: 'patchcore', coresetRatio: 0.1 },
})
const scores: number[] = []
const differences: number[] = []
for (const file of files.slice(8)) {
  const score = async (how: 'exact' | 'fast'): Promise<number> =>
    (await inspector.inspect((await readPreparedImage(file, { size, reading: how })).image)).score as number
  const [exact, fast] = [await score('exact'), await score('fast')]
  scores.push(exact)
  differences.push(Math.abs(fast - exact) / exact)
}
inspector.dispose()
rmSync(folder, { recursive: true })
const spread = (Math.max(...scores) - Math.min(...scores)) / Math.min(...scores)
console.log(
  `scores of ${scores.length} good parts, read fast by a detector that was fitted on exactly read ones: at most ` +
    `${(100 * Math.max(...differences)).toFixed(2)} % apart; among each other they are ${(100 * spread).toFixed(1)} % apart`,
)
