import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, exportOnnx, saveBackbone } from '@tab/model'
import { CELL_SCHEMA } from '@tab/pipeline/results'

/**
 * What the examples of READMEs and docstrings take for granted: weights of a ResNet-18 (random ones), a folder of washers, and results of a
 * benchmark.
 */
export async function writeFixtures(folder) {
  mkdirSync(folder)
  const backbone = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' })
  writeFileSync(join(folder, 'resnet18.safetensors'), saveBackbone(backbone))
  writeFileSync(join(folder, 'resnet18.onnx'), exportOnnx(backbone, { layers: ['layer2', 'layer3'] }))
  const drawing = { part: 'washer', size: [64, 64], seed: 1, train: 4, good: 2, perDefect: 1 }
  await writeSyntheticDataset(join(folder, 'washers'), drawing)
  writeFileSync(
    join(folder, 'results.jsonl'),
    cells()
      .map((cell) => `${JSON.stringify(cell)}\n`)
      .join(''),
  )
}

/** Cells of a benchmark with figures that are easy to average: two backbones on two seeds, and one cell that cannot be. */
function cells() {
  const cell = (detector, backbone, seed, content) => ({
    schema: CELL_SCHEMA,
    key: `${detector} ${backbone} ${seed}`,
    name: { dataset: 'washers', category: '', backbone, detector, shots: 1, seed },
    weights: `/models/${backbone}.safetensors`,
    ...content,
  })
  const finished = (imageAuroc) => ({
    metrics: {
      imageAuroc,
      imageAveragePrecision: imageAuroc,
      ...{ pixelAuroc: 0.9, pixelAveragePrecision: 0.5, aupro: 0.8, aupro005: 0.6 },
    },
    byDefect: { scratch: { imageAuroc, pixelAuroc: 0.9, aupro: 0.8 } },
    cost: { fitSeconds: 2, millisecondsPerImage: 25, megabytes: 1.5, bankSize: 784 },
    defects: ['good', 'good', 'scratch', 'scratch'],
    scores: [1, 2, 2, 4],
    notes: [],
  })
  const message = 'padim.fit: at least two good images for a covariance, got 1'
  return [
    cell('PatchCore', 'ImageNet', 0, finished(0.8)),
    cell('PatchCore', 'ImageNet', 1, finished(0.9)),
    cell('PatchCore', 'TAB', 0, finished(0.9)),
    cell('PatchCore', 'TAB', 1, finished(1)),
    cell('PaDiM', 'ImageNet', 0, { error: { code: 'INVALID_ARGUMENT', message } }),
  ]
}
