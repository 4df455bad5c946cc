// Peak memory of an evaluation with the pictures of its report. `npm run bench -- evaluate-memory [IMAGES] [SIDE] [patchcore | formula] [exact | bounded]`:
// IMAGES test images of SIDE pixels (links to eight drawn ones), half of them defective; default 200 of 1024 px, by a formula. The
// detector `patchcore` runs a ResNet-18 of random weights; `formula` takes the map from the colours, so that 5,000 images take minutes.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { patchCore } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor, type Detector, type DetectorRecipe } from '@tab/core'
import { openDataset, writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, exportOnnx } from '@tab/model'
import { PIXEL_METRICS, type PixelMetricsMode } from '@tab/pipeline'
import { evaluateRecipe } from '@tab/pipeline/node'
import { describeDataset } from '@tab/report/node'

const DRAWN = 4 // of each kind
const LAYERS = ['layer2', 'layer3']

const [images = 200, side = 1024] = process.argv.slice(2, 4).map(Number)
const [method = 'formula', asked] = process.argv.slice(4)
const pixelMetrics = PIXEL_METRICS.find((mode) => mode === asked) as PixelMetricsMode | undefined
const size = [side, side] as const

/** Maps of how far a pixel's red is from half of white, smoothed by nothing. */
function formula(): DetectorRecipe {
  const detector: Detector = {
    predict(batch) {
      const [count, height, width] = batch.shape as [number, number, number]
      const maps = new Float32Array(count * height * width)
      for (let pixel = 0; pixel < maps.length; pixel++) {
        maps[pixel] = 0.01 + Math.abs((batch.data[3 * pixel] as number) - 0.5 + 0.1 * Math.sin(pixel))
      }
      const scores = new Float32Array(count)
      for (let image = 0; image < count; image++) {
        for (let i = 0; i < 1000; i++)
          scores[image] = (scores[image] as number) + (maps[image * height * width + i] as number)
      }
      return Promise.resolve({ scores: tensor([count], scores), maps: tensor([count, height, width], maps) })
    },
    state: () => ({ method: 'formula', version: 1, extractorId: 'none', options: {}, tensors: {} }),
    dispose: () => undefined,
  }
  return {
    async fit(normals) {
      for await (const batch of normals) void batch
      return detector
    },
    restore: () => Promise.resolve(detector),
  }
}

async function patchCoreOnRandomWeights(): Promise<DetectorRecipe> {
  const ort = await loadOrt()
  const model = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0 }), { layers: LAYERS })
  const extractor = await onnxExtractor({ ort, model })
  return patchCore({ extractor, backend: onnxBackend({ ort }), layers: LAYERS, coresetRatio: 0.01, seed: 0 })
}

const folder = mkdtempSync(join(tmpdir(), 'bench-evaluate-'))
try {
  const drawn = join(folder, 'drawn')
  const data = join(folder, 'data')
  await writeSyntheticDataset(drawn, {
    part: 'washer',
    size,
    seed: 1,
    train: 2,
    good: DRAWN,
    perDefect: DRAWN,
    defects: ['scratch'],
  })
  for (const path of ['test/good', 'test/scratch', 'ground_truth/scratch'])
    mkdirSync(join(data, path), { recursive: true })
  symlinkSync(join(drawn, 'train'), join(data, 'train'))
  for (let image = 0; image < images; image++) {
    const from = `${String(Math.floor(image / 2) % DRAWN).padStart(3, '0')}`
    const to = String(image).padStart(6, '0')
    const type = image % 2 === 0 ? 'good' : 'scratch'
    symlinkSync(join(drawn, 'test', type, `${from}.png`), join(data, 'test', type, `${to}.png`))
    if (type === 'good') continue
    symlinkSync(
      join(drawn, 'ground_truth', type, `${from}_mask.png`),
      join(data, 'ground_truth', type, `${to}_mask.png`),
    )
  }
  const recipe = method === 'patchcore' ? await patchCoreOnRandomWeights() : formula()
  const before = process.memoryUsage.rss()
  const start = performance.now()
  const evaluation = await evaluateRecipe(
    {
      dataset: await openDataset(data),
      recipe,
      size,
      pixelMetrics,
      description: { dataset: 'washer', backbone: 'none', detector: method, options: {} },
    },
    {},
  )
  const scored = performance.now()
  const described = await describeDataset('washer', [{ title: method, evaluation }])
  evaluation.dispose()
  const { overall, run } = evaluation.results
  const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
  console.log(`${images} images of ${side} x ${side} px, ${method}, ${JSON.stringify(run.pixelMetrics)}`)
  console.log(`maps alone would take ${megabytes(4 * images * side * side)}`)
  console.log(`resident before ${megabytes(before)}, peak ${megabytes(1024 * process.resourceUsage().maxRSS)}`)
  console.log(
    `fit and score ${((scored - start) / 1000).toFixed(0)} s, ` +
      `pictures of ${described.cases.length} ${((performance.now() - scored) / 1000).toFixed(0)} s`,
  )
  console.log(`pixel AUROC ${overall.pixelAuroc?.toFixed(6)}, AUPRO 0.3 ${overall.aupro?.toFixed(6)}`)
} finally {
  rmSync(folder, { recursive: true })
}
