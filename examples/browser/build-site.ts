import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { calibrateThreshold, patchCore, saveDetector } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor, type Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { writeImage } from '@tab/data/node'
import { createBackbone, exportOnnx } from '@tab/model'
import { build } from 'esbuild'

const SIZE = [128, 128] as const
const here = import.meta.dirname
const parts = syntheticParts({ part: 'brushed-metal', size: SIZE, seed: 4 })

/** The photographs that the page offers. Random weights miss the last one; it is there to show that a detector can. */
export const SAMPLES: Readonly<Record<string, Tensor>> = {
  'good-1': parts.normal(100).image,
  'good-2': parts.normal(101).image,
  scratch: parts.anomalous(200, 'scratch').image,
  dent: parts.anomalous(201, 'dent').image,
  contamination: parts.anomalous(202, 'contamination').image,
  'faint-stain': parts.anomalous(201, 'stain').image,
}

/** Writes all that the page needs into a folder: program, engine, backbone, detector, samples. */
export async function buildSite(folder: string): Promise<void> {
  await mkdir(join(folder, 'samples'), { recursive: true })
  await fitDetector(folder)
  for (const [name, image] of Object.entries(SAMPLES)) await writeImage(join(folder, 'samples', `${name}.png`), image)
  for (const name of ['index.html', 'style.css']) await copyFile(join(here, name), join(folder, name))
  const engine = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/wasm'))
  for (const name of ['ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm']) {
    await copyFile(join(engine, name), join(folder, name))
  }
  await build({
    entryPoints: [join(here, 'main.ts')],
    outfile: join(folder, 'main.js'),
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@tab/source'],
  })
}

/** The two files of a real inspection. `tab fit --calibrate` and `tab pretrain` write them too. */
async function fitDetector(folder: string): Promise<void> {
  // With trained weights: loadBackbone(await readFile('resnet18.safetensors')).backbone
  const backbone = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' })
  const layers = ['layer1', 'layer2'] // fine detail on a small picture, and a file of 2.7 MB
  const model = exportOnnx(backbone, { layers })
  const ort = await loadOrt()
  const extractor = await onnxExtractor({ ort, model })
  const good = (from: number, count: number): Tensor =>
    batchOf(Array.from({ length: count }, (_, index) => parts.normal(from + index).image))
  const backend = onnxBackend({ ort })
  const recipe = patchCore({ extractor, backend, layers, coresetRatio: 0.1 })
  const detector = await recipe.fit([good(0, 16)])
  const calibration = await calibrateThreshold(detector, [good(50, 19)], { falsePositiveRate: 0.05 })
  await writeFile(join(folder, 'backbone.onnx'), model)
  const file = await saveDetector(detector, { calibration, preparation: { size: SIZE } })
  await writeFile(join(folder, 'detector.safetensors'), file)
  detector.dispose()
  backend.dispose()
  extractor.dispose()
}

/** Images [H,W,3] as one batch [N,H,W,3]. */
function batchOf(images: readonly Tensor[]): Tensor {
  const pixels = new Float32Array(images.length * SIZE[0] * SIZE[1] * 3)
  images.forEach(({ data }, index) => pixels.set(data, index * data.length))
  return tensor([images.length, ...SIZE, 3], pixels)
}
