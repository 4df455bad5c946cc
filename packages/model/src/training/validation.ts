import * as tf from '@tensorflow/tfjs'
import { deriveRng, type Tensor } from '@tab/core'
import type { AlignmentNetwork } from './alignment-network.ts'
import { stackImages } from './alignment-network.ts'
import { cropAndFlip } from './batches/augment.ts'
import type { AnomalyStream } from './batches/pair-stream.ts'
import { namingImages, nameOfImage, readTrainingImage } from './batches/read-training-image.ts'
import type { ClassSplit, TrainingClass } from './batches/training-class.ts'

/** How a training is judged while it runs: by held-out normal images and fresh anomalies made of them, never by test images. */
export interface ValidationOptions {
  /** Optimizer steps between two validations; one comes before the first step and one behind the last. */
  readonly every: number
  /** Share of each class that is held out. Default 0.1. */
  readonly share?: number
  /** Images of each class at most. Default 128: of 32, an AUROC has a standard error of about 0.04. */
  readonly images?: number
  /** What is told of scores and labels (1 = anomaly), such as `auroc` of `@tab/metrics`; higher is better. */
  readonly measure: (scores: readonly number[], labels: readonly number[]) => number
  /** Stop when this many validations in a row bring no better value. Default: never. */
  readonly patience?: number
}

/** Mean over the classes of the measure of state scores, normal against synthetic; undefined when no class has held-out images. */
export async function validate(
  network: AlignmentNetwork,
  classes: readonly TrainingClass[],
  splits: readonly ClassSplit[],
  anomalies: AnomalyStream,
  imageSize: number,
  seed: number,
  { images: most = 128, measure }: ValidationOptions,
): Promise<number | undefined> {
  const values: number[] = []
  for (const [classIndex, source] of classes.entries()) {
    const heldOut = splits[classIndex]?.heldOut.slice(0, most) ?? []
    if (heldOut.length === 0) continue
    const normals: Tensor[] = []
    let unread = false
    async function* prepared(): AsyncGenerator<Tensor> {
      for (const index of heldOut) {
        const whole = { imageSize, minimumCrop: 1, flips: 'none' } as const
        const read = await readTrainingImage(source, index).catch((error: unknown) => {
          unread = true
          throw error
        })
        const image = cropAndFlip(read, whole, deriveRng(seed))
        normals.push(image)
        yield image
      }
    }
    const scores: number[] = []
    const labels: number[] = []
    let index = 0
    const stream = anomalies(prepared(), { seed: `${seed}/validation/${source.name}`, firstIndex: 0 })
    const nameOfNext = (): string | undefined =>
      unread || index >= normals.length ? undefined : nameOfImage(source, heldOut[index] as number)
    for await (const { image } of namingImages(stream, nameOfNext)) {
      const pair = stackImages([normals[index++] as Tensor, image])
      const score = network.stateScores(pair, classIndex)
      scores.push(...(await score.data()))
      labels.push(0, 1)
      tf.dispose([pair, score])
    }
    values.push(measure(scores, labels))
  }
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
