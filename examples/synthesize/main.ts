// Defects of several kinds on drawn tablets: pairs of images and masks, and a report that explains and replays each pair.
import { deriveRng } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { writeImage, writeMask } from '@tab/data/node'
import { avoidBackground, chain, mixture, perlinAnomaly, poissonPatch, scratch, stain } from '@tab/synth'

const SEED = 7
const parts = syntheticParts({ part: 'tablet', size: [224, 224], seed: 1 })
const others = [100, 101, 102].map((index) => parts.normal(index).image)

const synthesizer = mixture([
  [3, poissonPatch({ sources: others })],
  [2, avoidBackground(perlinAnomaly())],
  [1, chain([stain(), scratch()])],
])

for (let index = 0; index < 6; index++) {
  const { image, mask, report } = synthesizer.synthesize(parts.normal(index).image, deriveRng(SEED, index))
  await writeImage(`tab-output/${index}.png`, image)
  await writeMask(`tab-output/${index}-mask.png`, mask)
  const share = mask.data.reduce((sum, value) => sum + value, 0) / mask.data.length
  console.log(`${index}: ${report.kind}, ${(100 * share).toFixed(1)} % of the image, ${report.boxes.length} boxes`)
}

// Any pair can be made again from its seed and index alone.
const again = synthesizer.synthesize(parts.normal(4).image, deriveRng(SEED, 4))
console.log(`pair 4 again: ${JSON.stringify(again.report.parameters)}`)
