// `npm run pictures`: the pictures of the README in docs/images, from generated parts and the bundled backbone. Needs Chromium.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { patchCore } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { writeSyntheticDataset } from '@tab/data/node'
import { suspectsSheet } from '@tab/report/node'
import { loadExtractor } from '@tab/weights/node'
import { chromium } from 'playwright-core'
import { run } from '../packages/cli/src/run.ts'
import { root } from './workspace.mjs'

const sharp = createRequire(join(root, 'packages/report/package.json'))('sharp')
const images = join(root, 'docs/images')
const LAYERS = ['layer2', 'layer3']
const SIDE = 192

await mkdir(images, { recursive: true })
await heatmap()
await report()

/** Three defective sheets of metal, each with its heatmap beside it. */
async function heatmap() {
  const backend = onnxBackend({ ort: await loadOrt() })
  const { extractor } = await loadExtractor('tab-resnet18', LAYERS)
  const parts = syntheticParts({ part: 'brushed-metal', size: [SIDE, SIDE], seed: 3 })
  const normals = Array.from({ length: 16 }, (_, index) => parts.normal(index).image)
  const defective = ['scratch', 'stain', 'dent'].map((kind, index) => parts.anomalous(100 + index, kind).image)
  const detector = await patchCore({ extractor, backend, layers: LAYERS, coresetRatio: 0.2, seed: 0 }).fit([
    stack(normals),
  ])
  const { maps } = await detector.predict(stack(defective))
  const entries = defective.map((image, index) => ({
    image,
    map: maps.data.slice(index * SIDE * SIDE, (index + 1) * SIDE * SIDE),
  }))
  await small(await suspectsSheet(entries), 'heatmap.png')
  for (const part of [detector, backend, extractor]) part.dispose()
}

/** The top of the report of `tab evaluate`, and of its gallery. */
async function report() {
  const folder = await mkdtemp(join(tmpdir(), 'tab-pictures-'))
  try {
    const [data, output] = ['brushed metal', 'out'].map((name) => join(folder, name))
    await writeSyntheticDataset(data, {
      part: 'brushed-metal',
      size: [SIDE, SIDE],
      seed: 5,
      train: 16,
      good: 10,
      perDefect: 3,
    })
    const args = ['--data', data, '--image-size', String(SIDE)]
    const { stdout, stderr } = process
    const { signal } = new AbortController()
    const status = await run(['evaluate', ...args, '--output', output], { stdout, stderr, signal })
    if (status !== 0) throw new Error(`tab evaluate ended with ${status}`)
    const browser = await chromium.launch({
      executablePath: process.env['TAB_CHROMIUM'] ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu'],
    })
    try {
      const page = await browser.newPage({ viewport: { width: 1180, height: 1560 } })
      await page.goto(pathToFileURL(join(output, 'report.html')).href)
      await small(await page.screenshot(), 'report.png')
    } finally {
      await browser.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function stack(parts) {
  const data = new Float32Array(parts.length * SIDE * SIDE * 3)
  parts.forEach((image, index) => data.set(image.data, index * image.data.length))
  return tensor([parts.length, SIDE, SIDE, 3], data)
}

/** Writes a picture with a palette of 128 colours, which no one can tell from the whole. */
async function small(png, name) {
  const file = join(images, name)
  await sharp(png).png({ palette: true, colours: 128, effort: 10 }).toFile(file)
  process.stdout.write(`${file}: ${Math.round((await readFile(file)).length / 1024)} KiB\n`)
}
