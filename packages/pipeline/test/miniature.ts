import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, saveBackbone } from '@tab/model'

/** A folder with a small data set and a backbone of random weights. */
export interface Miniature {
  readonly folder: string
  readonly data: string
  readonly backbone: string
}

/** Draws a data set of 64 px parts and saves a random ResNet-18 to layer3, a quarter of the whole in bytes. */
export async function miniature(): Promise<Miniature> {
  const folder = await mkdtemp(join(tmpdir(), 'tab-cli-'))
  const data = join(folder, 'washers')
  await writeSyntheticDataset(data, { part: 'washer', size: [64, 64], seed: 1, train: 5, good: 3, perDefect: 1 })
  const backbone = join(folder, 'resnet18.safetensors')
  await writeFile(backbone, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' })))
  return { folder, data, backbone }
}
