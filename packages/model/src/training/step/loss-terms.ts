import * as tf from '@tensorflow/tfjs'
import type { Stage } from '../../architecture.ts'
import { coverOf, type Pass } from '../batches/pair-stream.ts'
import { dropoutMask } from '../heads/dropout-mask.ts'
import { imageHead } from '../heads/image-head.ts'
import { patchHead } from '../heads/patch-head.ts'
import { classAlignment } from '../losses/class-alignment.ts'
import { patchAlignment } from '../losses/patch-alignment.ts'
import { preservation } from '../losses/preservation.ts'
import { separation } from '../losses/separation.ts'
import { stateAlignment } from '../losses/state-alignment.ts'
import { similarityScale } from '../losses/temperature.ts'
import { headOf, type AlignmentNetwork } from '../network/alignment-network.ts'
import { jointFeatures } from '../network/joint-features.ts'
import type { LossWeights } from '../settings.ts'

/** A value of each loss term that has a weight. */
export type LossTerms<T> = Readonly<Partial<Record<keyof LossWeights, T>>>

/** Share of each position that the masks cover; normal images first, where nothing is covered. */
interface Cover {
  /** [2B,h,w] */
  readonly data: Float32Array
  readonly onEngine: tf.Tensor3D
}

/**
 * The loss terms of a pass, before their weights.
 * @param features of the normal images, then of the abnormal ones, [2B,h,w,C] by stage
 * @param reference those of the initial network at the patch layers; needed by preservation alone
 * @param dropoutSeed of the dropout of this pass
 */
export function lossTerms(
  network: AlignmentNetwork,
  pass: Pass,
  features: ReadonlyMap<Stage, tf.Tensor4D>,
  reference: readonly tf.Tensor4D[],
  dropoutSeed: string,
): LossTerms<tf.Scalar> {
  const { losses, patchLayers } = network.settings
  const layers = patchLayers.map((layer) => features.get(layer) as tf.Tensor4D)
  const covers = layers.map((layer) => coverOn(layer, pass))
  const scale = similarityScale(network.heads.get('logScale') as unknown as tf.Scalar)
  const onImages = losses.classAlignment > 0 || losses.stateAlignment > 0
  return {
    ...(onImages && imageTerms(network, pass, features, scale, dropoutSeed)),
    ...(losses.patchAlignment > 0 && { patchAlignment: patchTerm(network, pass, layers, covers, scale) }),
    ...(losses.separation > 0 && { separation: separationTerm(pass, layers, covers) }),
    ...(losses.preservation > 0 && {
      preservation: preservation(
        layers,
        reference,
        covers.map(({ onEngine }) => onEngine),
      ),
    }),
  }
}

function coverOn({ shape: [, height, width] }: tf.Tensor4D, { masks }: Pass): Cover {
  const count = masks.length
  const data = new Float32Array(2 * count * height * width)
  masks.forEach((mask, index) => data.set(coverOf(mask, height, width), (count + index) * height * width))
  return { data, onEngine: tf.tensor3d(data, [2 * count, height, width]) }
}

const classesOf = ({ plan }: Pass): number[] => plan.images.map(({ classIndex }) => classIndex)

function imageTerms(
  network: AlignmentNetwork,
  pass: Pass,
  features: ReadonlyMap<Stage, tf.Tensor4D>,
  scale: tf.Scalar,
  dropoutSeed: string,
): LossTerms<tf.Scalar> {
  const { settings, heads, prototypes, dimension } = network
  const { losses, imageLayer, dropout } = settings
  const count = pass.normals.length
  const pooled = tf.mean(features.get(imageLayer) as tf.Tensor4D, [1, 2]) as tf.Tensor2D
  const keep = dropoutMask(dropoutSeed, 2 * count, dimension, dropout)
  const side = (state: 'normal' | 'abnormal'): tf.Tensor2D => {
    const first = state === 'normal' ? 0 : count
    return imageHead(
      tf.slice(pooled, [first, 0], [count, pooled.shape[1]]),
      heads,
      headOf(state, settings),
      tf.slice(keep, [first, 0], [count, dimension]),
    )
  }
  const sides = [side('normal'), side('abnormal'), prototypes.normal, prototypes.abnormal] as const
  const classes = classesOf(pass)
  return {
    ...(losses.classAlignment > 0 && { classAlignment: classAlignment(...sides, classes, scale) }),
    ...(losses.stateAlignment > 0 && { stateAlignment: stateAlignment(...sides, classes, scale) }),
  }
}

/** Mean over the patch layers. */
function patchTerm(
  { settings, heads, prototypes }: AlignmentNetwork,
  pass: Pass,
  layers: readonly tf.Tensor4D[],
  covers: readonly Cover[],
  scale: tf.Scalar,
): tf.Scalar {
  const classes = classesOf(pass)
  const own = tf.tensor1d([...classes, ...classes], 'int32')
  const [normal, abnormal] = [tf.gather(prototypes.normal, own), tf.gather(prototypes.abnormal, own)]
  const each = layers.map((layer, index) => {
    const patches = patchHead(layer, heads, settings.patchLayers[index] as Stage)
    return patchAlignment(patches, covers[index]?.onEngine as tf.Tensor3D, normal, abnormal, scale)
  })
  return tf.div(tf.addN(each), each.length)
}

function separationTerm({ plan, normals }: Pass, layers: readonly tf.Tensor4D[], covers: readonly Cover[]): tf.Scalar {
  const joint = jointFeatures(layers)
  const [, ...grid] = joint.shape
  const count = normals.length
  const half = (first: number): tf.Tensor4D => tf.slice(joint, [first, 0, 0, 0], [count, ...grid])
  const cover = covers[0]?.data as Float32Array // the joint features lie on the finest grid
  return separation(half(0), half(count), { data: cover.subarray(cover.length / 2) }, plan.runs)
}
