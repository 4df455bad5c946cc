import * as tf from '@tensorflow/tfjs'
import { createPause, deriveRng, type Tensor } from '@tab/core'
import { cropAndFlip } from '../batches/augment.ts'
import type { AnomalyStream } from '../batches/pair-stream.ts'
import { namingImages, nameOfImage, readTrainingImage } from '../batches/read-training-image.ts'
import { stackImages } from '../batches/stack-images.ts'
import type { ClassSplit, TrainingClass } from '../batches/training-class.ts'
import { endStream, untilAborted } from '../batches/until-aborted.ts'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import { stateScores } from './state-scores.ts'

/** How a training is judged while it runs: by held-out normal images and fresh anomalies made of them, never by test images. */
export interface ValidationOptions {
  /** Optimizer steps between two validations; one comes before the first step and one after the last. */
  readonly every: number
  /** Share of each class that is held out. Default 0.1. */
  readonly share?: number
  /** Images of each class at most. Default 128: of 32, an AUROC has a standard error of about 0.04. */
  readonly images?: number
  /** Compares scores with labels (1 = anomaly), such as `auroc` of `@tab/metrics`; higher is better. */
  readonly measure: (scores: readonly number[], labels: readonly number[]) => number
  /**
   * Stop when this many validations in a row bring no better value, and return the weights of the best one, which may be those before the
   * first step. Default: take every step, and return the weights after the last.
   */
  readonly patience?: number
}

export const DEFAULT_SHARE = 0.1
export const DEFAULT_IMAGES = 128

/** What is validated. */
export interface ValidationTask {
  readonly network: AlignmentNetwork
  readonly classes: readonly TrainingClass[]
  readonly splits: readonly ClassSplit[]
  readonly anomalies: AnomalyStream
  readonly seed: number
  readonly signal?: AbortSignal | undefined
}

/** Held-out images of a class that are judged, each with an anomaly made of it. */
const judgedOf = ({ heldOut }: ClassSplit, most: number): readonly number[] => heldOut.slice(0, most)

/** How many held-out images a validation judges, of all classes together; as many anomalies are made of them. */
export function countJudged(
  splits: readonly ClassSplit[],
  { images: most = DEFAULT_IMAGES }: ValidationOptions,
): number {
  return splits.reduce((sum, split) => sum + judgedOf(split, most).length, 0)
}

/**
 * Mean over the classes of the measure of state scores, held-out normal images against anomalies made of them; undefined when no class has
 * held-out images. Each class counts by the number of its held-out images: of two images the measure is little more than a coin.
 * @throws ABORTED at once, also while an image or an anomaly is awaited
 */
export async function validate(
  task: ValidationTask,
  { images: most = DEFAULT_IMAGES, measure }: ValidationOptions,
): Promise<number | undefined> {
  let [sum, count] = [0, 0]
  for (const [classIndex, split] of task.splits.entries()) {
    const heldOut = judgedOf(split, most)
    if (heldOut.length === 0) continue
    const { scores, labels } = await scoresOf(task, classIndex, heldOut)
    sum += heldOut.length * measure(scores, labels)
    count += heldOut.length
  }
  return count === 0 ? undefined : sum / count
}

async function scoresOf(
  { network, classes, anomalies, seed, signal }: ValidationTask,
  classIndex: number,
  heldOut: readonly number[],
): Promise<{ scores: number[]; labels: number[] }> {
  const where = 'pretrain, validation'
  const source = classes[classIndex] as TrainingClass
  const whole = { imageSize: network.settings.imageSize, minimumCrop: 1, flips: 'none' } as const
  const pause = createPause(where, signal)
  const normals: Tensor[] = []
  let unread = false
  async function* prepared(): AsyncGenerator<Tensor> {
    for (const index of heldOut) {
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
  const nameOfNext = (): string | undefined =>
    unread || index >= normals.length ? undefined : nameOfImage(source, heldOut[index] as number)
  const made = anomalies(prepared(), { seed: `${seed}/validation/${source.name}`, firstIndex: 0, signal })
  const stream = namingImages(made, nameOfNext)
  try {
    for (;;) {
      await pause()
      const { done, value } = await untilAborted(where, signal, stream.next())
      if (done) return { scores, labels }
      const pair = stackImages([normals[index++] as Tensor, value.image])
      const score = stateScores(network, pair, classIndex)
      scores.push(...(await score.data()))
      labels.push(0, 1)
      tf.dispose([pair, score])
    }
  } finally {
    await endStream(stream, signal)
  }
}
