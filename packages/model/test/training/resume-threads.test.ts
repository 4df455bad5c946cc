import { beforeAll, expect, test } from '@jest/globals'
import { selectEngine } from '@tab/backend-tfjs/node'
import { createBackbone, weightsDigest } from '@tab/model'
import { pretrain, type PretrainOptions } from '@tab/model/training'
import { base, memoryStore, settings } from './small-training.ts'

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 2 })
})

test('with two threads, and filters so wide that a helper takes part, a training that resumes has the same weights to the byte', async () => {
  const store = memoryStore()
  const wide: PretrainOptions = {
    ...base(),
    backbone: createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer1' }),
    settings: {
      ...{ ...settings, steps: 3, pairs: 4, trainableStages: ['layer1'] },
      ...{ imageLayer: 'layer1', patchLayers: ['layer1'] },
    },
  }
  const whole = await pretrain({ ...wide, checkpoints: { store, every: 1 } })
  expect(store.saved).toHaveLength(3)
  for (const saved of store.saved.slice(0, 2)) {
    const checkpoints = {
      every: 1,
      resume: 'required',
      store: { load: async () => saved, save: async () => undefined },
    } as const
    const resumed = await pretrain({ ...wide, checkpoints })
    expect(weightsDigest(resumed.backbone)).toBe(weightsDigest(whole.backbone))
  }
  expect(weightsDigest(whole.backbone)).not.toBe(weightsDigest(wide.backbone))
})
