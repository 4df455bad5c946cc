import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { deriveRng, randomInteger, type Rng, type Tensor } from '@tab/core'
import { resizeImage, syntheticParts } from '@tab/data'
import { writeImage } from '@tab/data/node'

const DEFECT = 10 // pixels across

/**
 * Draws sheets of perforated metal, good ones and ones with a single crumb of ten pixels; those that are there are left. The metal is drawn at
 * half of the size, which takes a quarter of the time, and enlarged; noise of the camera and crumbs are of the full size.
 */
export async function drawParts(folder: string, count: number, size: readonly [number, number]): Promise<void> {
  const half = [size[0] / 2, size[1] / 2] as const
  const parts = syntheticParts({ part: 'perforated-metal', size: half, seed: 1 })
  const places = [
    ['train/good', 0],
    ['test/good', 1000],
    ['test/crumb', 2000],
  ] as const
  for (const [place, first] of places) {
    await mkdir(join(folder, place), { recursive: true })
    for (let index = 0; index < count; index++) {
      const file = join(folder, place, `${String(index).padStart(3, '0')}.png`)
      if (existsSync(file)) continue
      const image = resizeImage(parts.normal(first + index).image, size)
      if (place === 'test/crumb') addCrumb(image, deriveRng(1, 'crumb', index))
      addNoise(image, deriveRng(1, 'noise', place, index))
      await writeImage(file, image)
    }
  }
}

function addNoise({ data }: Tensor, rng: Rng): void {
  for (let at = 0; at < data.length; at++) {
    const noisy = (data[at] as number) + 0.02 * (rng() + rng() - 1)
    data[at] = Math.round(255 * Math.min(1, Math.max(0, noisy))) / 255
  }
}

/** A dark crumb with a lit side, at a random place of the sheet that is not a hole. */
function addCrumb({ data, shape }: Tensor, rng: Rng): void {
  const [height, width] = shape as [number, number, number]
  const radius = DEFECT / 2
  for (;;) {
    const [cy, cx] = [randomInteger(rng, 20, height - 20), randomInteger(rng, 20, width - 20)]
    if ((data[(cy * width + cx) * 3] as number) < 0.3) continue // a hole
    for (let y = cy - radius; y <= cy + radius; y++) {
      for (let x = cx - radius; x <= cx + radius; x++) {
        const distance = Math.hypot(y - cy, x - cx)
        const cover = Math.min(1, Math.max(0, radius - distance + 0.5))
        const lit = 0.12 + 0.1 * Math.max(0, (cx - x) / radius)
        for (let channel = 0; channel < 3; channel++) {
          const at = (y * width + x) * 3 + channel
          data[at] = (1 - cover) * (data[at] as number) + cover * lit
        }
      }
    }
    return
  }
}
