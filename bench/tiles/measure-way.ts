import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auroc } from '@tab/metrics'
import { readImageSize } from '@tab/data/node'
import type { FitSpec } from '@tab/pipeline'
import { fit, openInspector } from '@tab/pipeline/node'

const DETECTOR = { method: 'patchcore', coresetSize: 1000, memoryLimit: 96 * 2 ** 20 } as const

/** How the images are looked at. */
export const WAYS = {
  squeezed: { imageSize: [224, 224] },
  'tiled, half size': { imageSize: [1500, 2000], tiles: { size: [512, 512], overlap: 64 } },
  'tiled, full size': { tiles: { size: [512, 512], overlap: 64 } },
} as const satisfies Readonly<Record<string, Partial<FitSpec>>>

export type Way = keyof typeof WAYS

/** What one way comes to. */
export interface Measured {
  readonly auroc: number
  readonly fitSeconds: number
  readonly msPerMegapixel: number
  readonly peakMegabytes: number
}

/** Fits on the good images of a folder, scores the others one by one, and prints {@link Measured}. */
export async function measureWay(way: Way, folder: string): Promise<void> {
  const place = await mkdtemp(join(tmpdir(), 'bench-tiles-'))
  const output = join(place, 'detector.safetensors')
  const start = performance.now()
  await fit({ data: folder, output, detector: DETECTOR, suspects: 'skip', calibrate: false, ...WAYS[way] })
  const fitSeconds = (performance.now() - start) / 1000
  const inspector = await openInspector({ model: output })
  const [scores, labels]: [number[], number[]] = [[], []]
  let [milliseconds, megapixels] = [0, 0]
  for (const [kind, label] of [
    ['good', 0],
    ['crumb', 1],
  ] as const) {
    for (const name of await readdir(join(folder, 'test', kind))) {
      const file = join(folder, 'test', kind, name)
      const [height, width] = await readImageSize(file)
      const begun = performance.now()
      const { score } = await inspector.inspect(file)
      milliseconds += performance.now() - begun
      megapixels += (height * width) / 1e6
      scores.push(score as number)
      labels.push(label)
    }
  }
  inspector.dispose()
  await rm(place, { recursive: true })
  const measured: Measured = {
    auroc: auroc(scores, labels),
    fitSeconds,
    msPerMegapixel: milliseconds / megapixels,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  }
  console.log(JSON.stringify(measured))
}
