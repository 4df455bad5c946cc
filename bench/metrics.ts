// Exact metrics on 10^7 pixels, 3 % of them in 200 regions, against scikit-learn, numpy and scipy on the same numbers.
// `npm run bench -- metrics large` adds the exact streams on 10^8 pixels, with the memory they take.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, randomInteger, randomNormal, tensor, tensorOf } from '@tab/core'
import { aupro, auroc, connectedComponents, createAupro, createAuroc } from '@tab/metrics'
import { compare } from './alternate.ts'
import { startPython } from './python.ts'

const [COUNT, SIDE, REGIONS] = [40, 500, 200]
const rng = createRng('metrics')

/** Draws discs until `regions` of them stand apart. */
function drawDiscs(mask: Uint8Array, side: number, regions: number, radius: number): void {
  for (let drawn = 0; drawn < regions;) {
    const [cy, cx] = [
      randomInteger(rng, radius + 1, side - radius - 2),
      randomInteger(rng, radius + 1, side - radius - 2),
    ]
    const pixels: number[] = []
    let free = true
    for (let y = -radius - 1; y <= radius + 1; y++) {
      for (let x = -radius - 1; x <= radius + 1; x++) {
        const at = (cy + y) * side + cx + x
        free &&= mask[at] === 0
        if (y * y + x * x <= radius * radius) pixels.push(at)
      }
    }
    if (!free) continue
    for (const at of pixels) mask[at] = 1
    drawn++
  }
}

const area = SIDE * SIDE
const masks = new Uint8Array(COUNT * area)
for (let image = 0; image < COUNT; image++) {
  drawDiscs(masks.subarray(image * area, (image + 1) * area), SIDE, REGIONS / COUNT, 22)
}
const maps = Float32Array.from(masks, (defect) => randomNormal(rng) + 1.5 * defect)
const many = new Uint8Array(256 * 1024 * 1024)
for (let image = 0; image < 256; image++) drawDiscs(many.subarray(image << 20, (image + 1) << 20), 1024, 40, 12)

const folder = mkdtempSync(join(tmpdir(), 'bench-metrics-'))
writeFileSync(join(folder, 'maps.f32'), maps)
writeFileSync(join(folder, 'masks.u8'), masks)
writeFileSync(join(folder, 'many-masks.u8'), many)
const python = startPython('metrics.py', ['sklearn', 'scipy'], [folder, `${COUNT}`, `${SIDE}`])
const mapTensor = tensor([COUNT, SIDE, SIDE], maps)
const maskTensor = tensorOf('uint8', [COUNT, SIDE, SIDE], masks)

const contests = [
  { name: 'auroc', title: 'AUROC, 10^7 pixels', peer: 'scikit-learn', run: () => auroc(maps, masks) },
  { name: 'aupro', title: 'AUPRO, 10^7 pixels, 200 regions', peer: 'numpy', run: () => aupro(mapTensor, maskTensor) },
  {
    name: 'components',
    title: 'connected components, 256 masks of 1024 x 1024',
    peer: 'scipy',
    run: () => {
      let found = 0
      for (let image = 0; image < 256; image++) {
        found += connectedComponents(many.subarray(image << 20, (image + 1) << 20), 1024, 1024).sizes.length
      }
      return found
    },
  },
]
for (const { name, title, peer, run } of contests) {
  if (!python) break
  const [ours, theirs] = [run(), Number(await python.call(name))]
  console.log(`${title}: ${ours} here, ${theirs} with ${peer}`)
  await compare(title, { name: '@tab/metrics', run: async () => run() }, { name: peer, run: () => python.call(name) })
}
python?.stop()
rmSync(folder, { recursive: true })

if (process.argv.includes('large')) {
  const [auroc10, aupro10] = [createAuroc(), createAupro()]
  await gather(
    'AUROC',
    () => auroc10.update(maps, masks),
    () => auroc10.compute(),
  )
  auroc10.reset()
  await gather(
    'AUPRO',
    () => aupro10.update(mapTensor, maskTensor),
    () => aupro10.compute(),
  )
}

/** Feeds the data ten times over and says what that takes. */
async function gather(name: string, update: () => void, compute: () => number): Promise<void> {
  globalThis.gc?.()
  const start = performance.now()
  for (let batch = 0; batch < 10; batch++) update()
  const value = compute()
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const peak = (process.resourceUsage().maxRSS / 1024 / 1024).toFixed(2)
  console.log(`${name} of 10^8 pixels in 10 batches: ${value}, ${seconds} s, the process at most ${peak} GiB`)
}
