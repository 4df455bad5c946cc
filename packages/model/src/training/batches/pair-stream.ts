import { assertPixels, deriveRng, type AnomalySynthesizer, type SyntheticAnomaly, type Tensor } from '@tab/core'
import type { PretrainSettings } from '../settings.ts'
import { cropAndFlip, jitterColours } from './augment.ts'
import { namingImages, nameOfImage, readTrainingImage } from './read-training-image.ts'
import { samplePass, sizeOfPass, type PassPlan } from './sample-pass.ts'
import type { ClassSplit, TrainingClass } from './training-class.ts'

/**
 * Makes anomalies of a stream of images, in their order; the one of place `i` depends on `seed` and `firstIndex + i` alone.
 * `synthesisStream` of `@tab/synth/node` does it in worker threads.
 */
export type AnomalyStream = (
  images: AsyncIterable<Tensor>,
  options: { readonly seed: string; readonly firstIndex: number; readonly signal?: AbortSignal | undefined },
) => AsyncIterable<SyntheticAnomaly>

/** Anomalies made one by one in this thread. */
export function inThisThread(synthesizer: AnomalySynthesizer): AnomalyStream {
  return async function* (images, { seed, firstIndex }) {
    let index = firstIndex
    for await (const image of images) yield synthesizer.synthesize(image, deriveRng(seed, index++))
  }
}

/** The images of one pass. */
export interface Pass {
  readonly plan: PassPlan
  readonly normals: readonly Tensor[]
  readonly abnormals: readonly Tensor[]
  readonly masks: readonly Tensor<'uint8'>[]
}

/** Passes from number `first` on, without end; leaving the loop ends the synthesis. */
export async function* passesFrom(
  first: number,
  classes: readonly TrainingClass[],
  splits: readonly ClassSplit[],
  anomalies: AnomalyStream,
  settings: PretrainSettings,
  seed: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Pass, void, undefined> {
  const { pairs, classesPerStep, colourJitter } = settings
  const plans: PassPlan[] = []
  const waiting: { readonly image: Tensor; readonly name: string }[] = []
  let unread = false
  async function* images(): AsyncGenerator<Tensor> {
    for (let pass = first; ; pass++) {
      const plan = samplePass(splits, pairs, classesPerStep, seed, pass)
      plans.push(plan)
      const sized = { ...settings, imageSize: sizeOfPass(settings, seed, pass) }
      for (const [place, { classIndex, imageIndex }] of plan.images.entries()) {
        const source = classes[classIndex] as TrainingClass
        const image = await readTrainingImage(source, imageIndex).catch((error: unknown) => {
          unread = true
          throw error
        })
        const cropped = cropAndFlip(image, sized, deriveRng(seed, 'augment', pass * pairs + place))
        waiting.push({ image: cropped, name: nameOfImage(source, imageIndex) })
        yield cropped
      }
    }
  }
  let normals: Tensor[] = []
  let abnormals: Tensor[] = []
  let masks: Tensor<'uint8'>[] = []
  let index = first * pairs
  const stream = anomalies(images(), { seed: `${seed}/synthesis`, firstIndex: index, signal })
  // An error of reading has its name, and comes ahead of the anomalies that are still being made.
  for await (const anomaly of namingImages(stream, () => (unread ? undefined : waiting[0]?.name))) {
    const { image, name } = waiting.shift() as (typeof waiting)[number]
    assertPixels(`pretrain, anomaly of ${name}`, anomaly.image.data)
    const rng = deriveRng(seed, 'colour', index++)
    const [normal, abnormal] = jitterColours(image, anomaly, colourJitter, rng)
    normals.push(normal)
    abnormals.push(abnormal)
    masks.push(anomaly.mask)
    if (normals.length < pairs) continue
    yield { plan: plans.shift() as PassPlan, normals, abnormals, masks }
    ;[normals, abnormals, masks] = [[], [], []]
  }
}

/** Mean of a mask [H,W] over each cell of an h x w grid. */
export function coverOf({ shape, data }: Tensor<'uint8'>, height: number, width: number): Float32Array {
  const [rows, columns] = shape as [number, number]
  const sums = new Float32Array(height * width)
  const counts = new Float32Array(height * width)
  data.forEach((value, index) => {
    const row = Math.floor((Math.floor(index / columns) * height) / rows)
    const cell = row * width + Math.floor(((index % columns) * width) / columns)
    sums[cell] = (sums[cell] as number) + value
    counts[cell] = (counts[cell] as number) + 1
  })
  return sums.map((sum, cell) => sum / (counts[cell] as number))
}
