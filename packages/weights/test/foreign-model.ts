import { createBackbone, exportOnnx } from '@tab/model'

export const BACKBONE = createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer3' })
const LAYERS = ['layer1', 'layer2', 'layer3']

/** A model of ours that says itself how to run it. */
export const described: Uint8Array = exportOnnx(BACKBONE, { layers: LAYERS })

/** The same with its description under another name, so that it stands for a model of another maker. */
export const anonymous: Uint8Array = exportOnnx(BACKBONE, { layers: LAYERS, layout: 'nchw' })
anonymous.set(Buffer.from('xab'), Buffer.from(anonymous).indexOf('tab.backbone'))

export const { mean, std } = BACKBONE.normalization as {
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
}
