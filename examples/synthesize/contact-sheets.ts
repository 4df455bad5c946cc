// Draws docs/synthesis/*.jpg: every kind of defect on generated parts, a row a kind, image and mask three times.
import { deriveRng, tensor, type Tensor } from '@tab/core'
import { resizeImage, syntheticParts, toLevels } from '@tab/data'
import { SYNTHESIZER_KINDS, synthesizerOf, type SynthesizerSpec } from '@tab/synth'
import sharp from 'sharp'

const [SIDE, TILE, PAIRS] = [224, 144, 3]

for (const part of ['washer', 'tablet', 'brushed-metal', 'fabric'] as const) {
  const parts = syntheticParts({ part, size: [SIDE, SIDE], seed: 1 })
  const sources = [50, 51, 52].map((index) => parts.normal(index).image)
  const [height, width] = [SYNTHESIZER_KINDS.length * TILE, 2 * PAIRS * TILE]
  const sheet = new Float32Array(height * width * 3)
  for (const [row, kind] of SYNTHESIZER_KINDS.entries()) {
    const spec = (kind === 'poissonPatch' ? { kind, options: { sources } } : { kind }) as SynthesizerSpec
    const synthesizer = synthesizerOf(spec)
    for (let pair = 0; pair < PAIRS; pair++) {
      const { image, mask } = synthesizer.synthesize(parts.normal(pair).image, deriveRng(part, kind, pair))
      const grey = tensor(
        image.shape,
        image.data.map((_, at) => mask.data[Math.floor(at / 3)] as number),
      )
      paste(sheet, width, resizeImage(image, [TILE, TILE]), row * TILE, 2 * pair * TILE)
      paste(sheet, width, resizeImage(grey, [TILE, TILE]), row * TILE, (2 * pair + 1) * TILE)
    }
  }
  const file = new URL(`../../docs/synthesis/${part}.jpg`, import.meta.url).pathname
  await sharp(toLevels(sheet), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 82 })
    .toFile(file)
}

function paste(sheet: Float32Array, width: number, image: Tensor, top: number, left: number): void {
  for (let y = 0; y < TILE; y++) {
    sheet.set(image.data.subarray(y * TILE * 3, (y + 1) * TILE * 3), ((top + y) * width + left) * 3)
  }
}
