import {
  firstNonFinite,
  readSafetensors,
  tensor,
  writeSafetensors,
  type DType,
  type SafetensorsFile,
  type Tensor,
} from '@tab/core'
import { createBackbone, loadAlignment, loadBackbone, saveAlignment, saveBackbone } from '@tab/model'
import {
  embeddingTable,
  encodePrompts,
  industrialPrompts,
  lexicalTextEmbedder,
  loadEmbeddingTable,
  loadPrototypes,
  makeEmbeddingTable,
  saveEmbeddingTable,
  savePrototypes,
} from '@tab/prompts'
import { mutateSafetensors } from './mutate-safetensors.ts'
import { must, sameBytes, type Target } from './target.ts'

const vector = tensor([2], Float32Array.of(0.6, 0.8))
const mutate = mutateSafetensors

function decoded({ entries }: SafetensorsFile): Map<string, Tensor<DType>> {
  return new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
}

/** Files of weights and vectors: whatever is accepted must be the same after it was saved and read once more. */
export async function weightTargets(): Promise<Target[]> {
  const embedder = lexicalTextEmbedder({ dimension: 8 })
  const prompts = industrialPrompts('screw')
  const all = writeSafetensors(
    {
      a: tensor([2, 3], new Float32Array(6)),
      b: { dtype: 'uint8', shape: [3], data: new Uint8Array(3) } as Tensor<DType>,
      c: { dtype: 'float64', shape: [], data: Float64Array.of(1) } as Tensor<DType>,
      d: tensor([0, 4], new Float32Array(0)),
    },
    { made: 'by hand' },
  )
  const alignment = saveAlignment({
    heads: new Map([['logScale', tensor([], Float32Array.of(2.6))]]),
    prototypes: new Map([['washer', { normal: vector, abnormal: vector }]]),
    imageLayer: 'layer3',
    patchLayers: ['layer2', 'layer3'],
    sharedHead: true,
    backbone: '36c1a0ddeb7a8d0c',
  })
  const backbone = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer1' })
  return [
    {
      name: 'safetensors',
      share: 200,
      seeds: [all, alignment],
      mutate,
      async read(bytes) {
        const file = readSafetensors(bytes)
        const again = readSafetensors(writeSafetensors(decoded(file), file.metadata))
        must(again.entries.size === file.entries.size, 'tensors are lost')
        must(sameRecord(again.metadata, file.metadata), 'metadata is lost')
        for (const [name, entry] of file.entries) {
          const [before, after] = [entry.toTensor(), again.entries.get(name)?.toTensor()]
          must(after?.shape.join() === before.shape.join() && sameBytes(after.data, before.data), `${name} differs`)
        }
      },
    },
    {
      name: 'backbone',
      share: 20,
      seeds: [saveBackbone(backbone)],
      mutate,
      async read(bytes) {
        const { backbone } = loadBackbone(bytes)
        for (const [name, { data }] of backbone.parameters) must(firstNonFinite(data) < 0, `${name} is not finite`)
        must(sameBytes(saveBackbone(loadBackbone(saveBackbone(backbone)).backbone), saveBackbone(backbone)), 'differs')
      },
    },
    {
      name: 'alignment',
      share: 110,
      seeds: [alignment],
      mutate,
      async read(bytes) {
        const found = loadAlignment(bytes)
        const saved = saveAlignment(found)
        must(sameBytes(saveAlignment(loadAlignment(saved)), saved), 'differs')
        for (const [name, { normal, abnormal }] of found.prototypes) {
          must(normal.dtype === 'float32' && normal.shape.length === 1, `${name} is no vector`)
          must(normal.shape.join() === abnormal.shape.join(), `the vectors of ${name} differ in length`)
        }
        for (const layer of [found.imageLayer, ...found.patchLayers]) must(/^layer[1-4]$/.test(layer), `layer ${layer}`)
      },
    },
    {
      name: 'prototypes',
      share: 80,
      seeds: [savePrototypes(await encodePrompts(prompts, embedder))],
      mutate,
      async read(bytes) {
        const found = loadPrototypes(bytes)
        must(found.normal.vector.shape.join() === found.abnormal.vector.shape.join(), 'vectors differ in length')
        must(sameBytes(savePrototypes(loadPrototypes(savePrototypes(found))), savePrototypes(found)), 'differs')
      },
    },
    {
      name: 'embedding table',
      share: 60,
      seeds: [saveEmbeddingTable(await makeEmbeddingTable(embedder, ['a screw', 'a nut']))],
      mutate,
      async read(bytes) {
        const table = embeddingTable(loadEmbeddingTable(bytes))
        const { shape, data } = await table.embed([])
        must(shape[0] === 0 && data.length === 0, 'no texts have embeddings')
      },
    },
  ]
}

function sameRecord(left: Readonly<Record<string, string>>, right: Readonly<Record<string, string>>): boolean {
  const entries = (record: object): string => JSON.stringify(Object.entries(record).sort())
  return entries(left) === entries(right)
}
