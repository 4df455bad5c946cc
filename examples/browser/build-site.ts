import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { writeImage } from '@tab/data/node'
import { fitInspector } from '@tab/pipeline/node'
import { bundledBackbone } from '@tab/weights/node'
import { build } from 'esbuild'

const SIZE = [128, 128] as const
const here = import.meta.dirname
const parts = syntheticParts({ part: 'brushed-metal', size: SIZE, seed: 4 })

/** The photographs that the page offers. */
export const SAMPLES: Readonly<Record<string, Tensor>> = {
  'good-1': parts.normal(100).image,
  'good-2': parts.normal(101).image,
  scratch: parts.anomalous(200, 'scratch').image,
  dent: parts.anomalous(201, 'dent').image,
  contamination: parts.anomalous(202, 'contamination').image,
  stain: parts.anomalous(201, 'stain').image,
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

/** The two files of a real inspection: the detector, as `tab fit` writes it, and the weights of `@tab/weights` that it stands on. */
async function fitDetector(folder: string): Promise<void> {
  const fitted = await fitInspector({
    images: Array.from({ length: 38 }, (_, index) => parts.normal(index).image),
    preparation: { size: SIZE },
    falsePositiveRate: 0.05,
  })
  await writeFile(join(folder, 'tab-resnet18.safetensors'), (await bundledBackbone('tab-resnet18')).bytes)
  await writeFile(join(folder, 'detector.safetensors'), await fitted.save())
  fitted.dispose()
}
