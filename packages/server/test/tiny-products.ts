import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor } from '@tab/core'
import { syntheticParts, toLevels } from '@tab/data'
import { createBackbone, saveBackbone } from '@tab/model'
import { fitInspector } from '@tab/pipeline/node'
import sharp from 'sharp'

/** A folder with one product, `metal`, of some versions that differ in their good images. */
export interface TinyProducts {
  readonly folder: string
  readonly products: string
  /** Detector files by version; not all need to be in the folder of products. */
  readonly detectors: Readonly<Record<string, string>>
  readonly good: Uint8Array<ArrayBuffer>
  readonly dent: Uint8Array<ArrayBuffer>
  /** Another defect, and the dent once more, a pixel apart. */
  readonly scratch: Uint8Array<ArrayBuffer>
  readonly likeDent: Uint8Array<ArrayBuffer>
}

const SIDE = 64

/** @param versions all are fitted; those in `served` lie in the folder of products, the last as the newest file */
export async function tinyProducts(versions: readonly string[], served: readonly string[]): Promise<TinyProducts> {
  const folder = await mkdtemp(join(tmpdir(), 'tab-server-'))
  const products = join(folder, 'products')
  await mkdir(join(products, 'metal'), { recursive: true })
  const backbone = join(folder, 'backbone.safetensors')
  await writeFile(backbone, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' })))
  const parts = syntheticParts({ part: 'brushed-metal', size: [SIDE, SIDE], seed: 4 })
  const detectors: Record<string, string> = {}
  for (const [index, version] of versions.entries()) {
    const images = Array.from({ length: 8 }, (_, at) => parts.normal(20 * index + at).image)
    const method = { method: 'patchcore', layers: ['layer1'], coresetRatio: 0.2 } as const
    const inspector = await fitInspector({ images, preparation: { size: [SIDE, SIDE] }, method, backbone })
    const path = join(folder, `${version}.safetensors`)
    detectors[version] = path
    await writeFile(path, await inspector.save())
    if (served.includes(version))
      await writeFile(join(products, 'metal', `${version}.safetensors`), await inspector.save())
    inspector.dispose()
  }
  const dent = parts.anomalous(201, 'dent').image
  return {
    folder,
    products,
    detectors,
    good: await png(parts.normal(900).image),
    dent: await png(dent),
    scratch: await png(parts.anomalous(300, 'scratch').image),
    likeDent: await png({ ...dent, data: dent.data.map((level, at) => (at === 0 ? 1 - level : level)) }),
  }
}

/** An image [H,W,3] as a file. */
async function png({ shape, data }: Tensor): Promise<Uint8Array<ArrayBuffer>> {
  const [height, width] = shape as [number, number, number]
  const file = sharp(toLevels(data as Float32Array), { raw: { width, height, channels: 3 } })
  return new Uint8Array(await file.png().toBuffer())
}
