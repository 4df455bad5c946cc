import {
  gradientSession,
  type GradientPass,
  type GradientSession,
  type OrtModule,
  type OrtSessionOptions,
} from '@tab/backend-onnx/training'
import type { Tensor } from '@tab/core'
import { STAGES } from '../../architecture.ts'
import type { Backbone } from '../../backbone.ts'
import type { AlignmentNetwork } from '../network/alignment-network.ts'
import { featureGraph, type FeaturePlan } from './feature-graph.ts'

/** ONNX Runtime, and how its sessions are opened. */
export interface OnnxTraining {
  readonly ort: OrtModule
  readonly options?: OrtSessionOptions | undefined
}

/** A pass, and over how many values its BatchNorms in training took their statistics. */
export interface FeatureRun extends GradientPass {
  readonly counts: ReadonlyMap<string, number>
}

interface Opened {
  readonly session: GradientSession
  readonly counts: ReadonlyMap<string, number>
}

/** Computes the backbone of a training, and its gradients, with ONNX Runtime. */
export interface FeatureRuntime {
  /**
   * @param images [H,W,3] each, of one size
   * @param weights that learn, by torchvision's names; filters [k,k,in,out]
   */
  run(images: readonly Tensor[], weights: ReadonlyMap<string, Float32Array>): Promise<FeatureRun>
  dispose(): void
}

/** What of a network its settings need: parameters that reach the losses learn. */
export function planOf(
  { settings, trained, initial, firstLearning }: AlignmentNetwork,
  backbone: Backbone,
): FeaturePlan {
  const { imageLayer, patchLayers, trainableStages, losses, batchNorm } = settings
  const onImages = losses.classAlignment > 0 || losses.stateAlignment > 0
  const onPatches = losses.patchAlignment > 0 || losses.separation > 0 || losses.preservation > 0
  const stages = STAGES.filter(
    (stage) => (onImages && stage === imageLayer) || (onPatches && patchLayers.includes(stage)),
  )
  const lastStage = Math.max(...stages.map((stage) => STAGES.indexOf(stage)))
  const learning = trainableStages.filter((stage) => STAGES.indexOf(stage) <= lastStage)
  return {
    backbone,
    learning: new Set(trained.trainable(learning).keys()),
    firstLearning,
    lastStage,
    batchNorm,
    stages,
    reference: initial ? patchLayers : [],
  }
}

/** Graphs are made for each size of batch and images when it is first met, and kept: a training has few. */
export function featureRuntime(plan: FeaturePlan, { ort, options }: OnnxTraining): FeatureRuntime {
  const opened = new Map<string, Promise<Opened>>()
  async function open(size: readonly [number, number, number]): Promise<Opened> {
    const { graphs, counts } = featureGraph(plan, size)
    return { session: await gradientSession(ort, graphs, options), counts }
  }
  return {
    async run(images, weights) {
      const [height, width] = (images[0] as Tensor).shape as [number, number]
      const size = [images.length, height, width] as const
      const key = size.join()
      const found = opened.get(key) ?? open(size)
      opened.set(key, found)
      const { session, counts } = await found
      const data = normalised(images, plan.backbone)
      return { counts, ...(await session.run(new Map([['images', data], ...weights]))) }
    },
    dispose() {
      for (const found of opened.values()) void found.then(({ session }) => session.dispose()).catch(() => undefined)
      opened.clear()
    },
  }
}

/** The images [H,W,3] as one batch, with the mean and the deviation of the network's own training. */
function normalised(images: readonly Tensor[], { normalization: { mean, std } }: Backbone): Float32Array {
  const size = (images[0] as Tensor).data.length
  const batch = new Float32Array(images.length * size)
  images.forEach(({ data }, index) => {
    for (let i = 0; i < size; i++) {
      batch[index * size + i] = ((data[i] as number) - (mean[i % 3] as number)) / (std[i % 3] as number)
    }
  })
  return batch
}
