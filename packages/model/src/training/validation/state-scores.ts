import * as tf from '@tensorflow/tfjs'
import { STAGES } from '../../architecture.ts'
import { imageHead } from '../heads/image-head.ts'
import { headOf, type AlignmentNetwork } from '../network/alignment-network.ts'
import { runStages } from '../network/run-stages.ts'
import type { SeenStatistics } from '../network/trainable-backbone.ts'

/**
 * How abnormal images look to the heads: cosine to the abnormal less cosine to the normal prototype of their class, BatchNorms by their running
 * statistics.
 * @param images [N,H,W,3] in [0,1], all of the class number `classIndex`
 * @returns [N]
 */
export function stateScores(network: AlignmentNetwork, images: tf.Tensor4D, classIndex: number): tf.Tensor1D {
  const { trained, settings, heads, prototypes, dimension } = network
  const none: SeenStatistics = new Map()
  return tf.tidy(() => {
    const stem = trained.stem(images, 'frozen', none)
    const { value } = runStages(trained, stem, [0, STAGES.indexOf(settings.imageLayer) + 1], 'frozen', none)
    const pooled = tf.mean(value, [1, 2]) as tf.Tensor2D
    const cosine = (state: 'normal' | 'abnormal'): tf.Tensor => {
      const prototype = tf.slice(prototypes[state], [classIndex, 0], [1, dimension])
      return tf.matMul(imageHead(pooled, heads, headOf(state, settings)), tf.transpose(prototype))
    }
    return tf.reshape(tf.sub(cosine('abnormal'), cosine('normal')), [images.shape[0]]) as tf.Tensor1D
  })
}
