// Steps of detectors alone and together: `npm run bench -- detectors --data SETS --init WEIGHTS --output FOLDER [--sets A,B] [--normals 1,5]`.
// Test sets are thinned out, features kept in memory. Rows that are in the output folder are not computed again; without anything left
// to compute, the tables are written.
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { memoizedExtractor } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { augmentNormals, sampleShots, SYMMETRIES, type Sample } from '@tab/data'
import { imageBatches, openDataset, readImages } from '@tab/data/node'
import { exportOnnx, loadBackbone } from '@tab/model'
import { rowKey, tables, type Row } from './detectors/rows.ts'
import { scoreDetector, type TestBatch } from './detectors/score.ts'
import { VARIANTS } from './detectors/variants.ts'
import { openSets } from './panel/sets.ts'

const READING = { size: [224, 224], batchSize: 8 } as const
const LAYERS = ['layer2', 'layer3']
const BUNDLED = new URL('../packages/weights/weights/tab-resnet18.safetensors', import.meta.url)

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    init: { type: 'string' },
    output: { type: 'string' },
    sets: { type: 'string', default: 'magnetic-tile,aws-cookies,deeppcb,washer' },
    backbones: { type: 'string', default: 'ImageNet,tab-resnet18' },
    normals: { type: 'string', default: '1,5,10,50' },
    seeds: { type: 'string', default: '0,1,2' },
    /** Test images: so many good ones, and as many with a defect. */
    test: { type: 'string', default: '60' },
  },
})
const { data, init, output: given } = values
if (!data || !init || !given) {
  console.error('usage: npm run bench -- detectors --data SETS --init WEIGHTS --output FOLDER')
  process.exit(2)
}
const output = resolve(given)
await mkdir(output, { recursive: true })
const folders = await openSets(values.sets.split(','), { data, output })
const file = join(output, 'rows.jsonl')
const rows = (await readFile(file, 'utf8').catch(() => ''))
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row)
const done = new Set(rows.map(rowKey))

const ort = await loadOrt()
const session = { intraOpNumThreads: 1 }
const backend = onnxBackend({ ort, session })
for (const seed of values.seeds.split(',').map(Number)) {
  for (const [set, folder] of folders) {
    const { samples } = await openDataset(folder)
    const test = await readTest(thinned(samples, Number(values.test)))
    for (const [backbone, weights] of Object.entries({ ImageNet: init, 'tab-resnet18': BUNDLED })) {
      if (!values.backbones.split(',').includes(backbone)) continue
      const model = exportOnnx(loadBackbone(await readFile(weights)).backbone, { layers: LAYERS })
      const own = await onnxExtractor({ ort, model, session })
      const extractor = memoizedExtractor(own, { maxBytes: 2 ** 30 })
      for (const normals of values.normals.split(',').map(Number)) {
        if (normals > samples.filter(({ split, label }) => split === 'train' && label === 0).length) continue
        const shots = sampleShots(samples, { shots: normals, seed })
        for (const { name: variant, augmented, recipe } of VARIANTS) {
          const cell = { set, backbone, variant, normals, seed }
          if (done.has(rowKey(cell))) continue
          const start = performance.now()
          const images = readImages(shots, READING)
          const symmetries = augmented ? SYMMETRIES : []
          const detector = await recipe({ extractor, backend, seed }, normals).fit(
            augmentNormals(images, { symmetries }),
          )
          const row: Row = { ...cell, ...(await scoreDetector(detector, test)) }
          detector.dispose()
          rows.push(row)
          await appendFile(file, `${JSON.stringify(row)}\n`)
          process.stderr.write(`  ${rowKey(cell)}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
        }
      }
      extractor.dispose()
    }
  }
}
backend.dispose()
await writeFile(join(output, 'detectors.md'), tables(rows))
console.log(tables(rows))

/** Test images evenly spread over each kind: so many good ones, and as many with a defect. */
function thinned(samples: readonly Sample[], most: number): Sample[] {
  const test = samples.filter(({ split }) => split === 'test')
  const kinds = [...new Set(test.map(({ defect }) => defect))]
  return kinds.flatMap((kind) => {
    const own = test.filter(({ defect }) => defect === kind)
    const wanted = kind === null ? most : Math.ceil(most / (kinds.length - 1))
    return own.filter(
      (_, index) => Math.floor((index * wanted) / own.length) > Math.floor(((index - 1) * wanted) / own.length),
    )
  })
}

async function readTest(samples: readonly Sample[]): Promise<TestBatch[]> {
  const batches: TestBatch[] = []
  for await (const batch of imageBatches(samples, READING)) batches.push(batch)
  return batches
}
