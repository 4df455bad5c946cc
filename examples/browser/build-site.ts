import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { writeImage } from '@tab/data/node'
import { createBackbone, exportOnnx } from '@tab/model'
import { fitInspector } from '@tab/pipeline/node'
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

/** The two files of a real inspection. `tab fit` and `tab export` write them too. */
async function fitDetector(folder: string): Promise<void> {
  // With trained weights: loadBackbone(await readFile('resnet18.safetensors')).backbone
  const random = createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer2' })
  const layers = ['layer1', 'layer2'] // fine detail on a small picture, and a file of 2.7 MB
  const backbone = exportOnnx(random, { layers })
  const fitted = await fitInspector({
    images: Array.from({ length: 38 }, (_, index) => parts.normal(index).image),
    preparation: { size: SIZE },
    method: { method: 'patchcore', layers },
    falsePositiveRate: 0.05,
    backbone,
  })
  await writeFile(join(folder, 'backbone.onnx'), backbone)
  await writeFile(join(folder, 'detector.safetensors'), await fitted.save())
  fitted.dispose()
}
