import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, exportOnnx, saveBackbone } from '@tab/model'

/** What the examples of the READMEs take for granted: weights of a ResNet-18 (random ones) and a folder of washers. */
export async function writeFixtures(folder) {
  mkdirSync(folder)
  const backbone = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' })
  writeFileSync(join(folder, 'resnet18.safetensors'), saveBackbone(backbone))
  writeFileSync(join(folder, 'resnet18.onnx'), exportOnnx(backbone, { layers: ['layer2', 'layer3'] }))
  const drawing = { part: 'washer', size: [64, 64], seed: 1, train: 4, good: 2, perDefect: 1 }
  await writeSyntheticDataset(join(folder, 'washers'), drawing)
}
