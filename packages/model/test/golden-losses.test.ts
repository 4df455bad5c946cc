import { beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import {
  classAlignment,
  imageHead,
  jointFeatures,
  nearestDistances,
  patchAlignment,
  patchHead,
  preservation,
  separation,
  similarityScale,
  stateAlignment,
  type SeparationOptions,
} from '@tab/model/training'
import { expectGolden, onEngine, readGolden, type GoldenArray } from './golden-file.ts'

interface LossCase {
  readonly name: string
  readonly settings: {
    readonly classes?: readonly number[]
    readonly focus?: number
    readonly cover?: GoldenArray
    readonly covers?: readonly GoldenArray[]
    readonly references?: readonly GoldenArray[]
    readonly counts?: readonly number[]
    readonly options?: SeparationOptions
    readonly keep?: GoldenArray
  }
  readonly inputs: Readonly<Record<string, GoldenArray>>
  readonly value: GoldenArray
  readonly gradients: Readonly<Record<string, GoldenArray>>
  /** What a gradient of an array is taken against. */
  readonly probe?: GoldenArray
}

const { cases } = readGolden<{ cases: LossCase[] }>('losses.json')

/** Arguments by their names in the golden file; a case has some of them, of the rank that its function wants. */
type Inputs = Readonly<
  Record<
    | 'normal'
    | 'abnormal'
    | 'normalPrototypes'
    | 'abnormalPrototypes'
    | 'logScale'
    | 'patches'
    | 'queries'
    | 'bank'
    | 'fine'
    | 'coarse'
    | 'pooled'
    | 'fc1Weight'
    | 'fc1Bias'
    | 'fc2Weight'
    | 'fc2Bias'
    | 'normWeight'
    | 'normBias'
    | 'features'
    | 'weight'
    | 'bias',
    never
  >
>

/** Ours, by the names of the golden file. */
const OURS: Readonly<Record<string, (inputs: Inputs, settings: LossCase['settings']) => tf.Tensor>> = {
  classAlignment: (x, { classes }) => classAlignment(...alignment(x), classes as number[], scale(x)),
  stateAlignment: (x, { classes }) => stateAlignment(...alignment(x), classes as number[], scale(x)),
  patchAlignment: ({ patches, normalPrototypes, abnormalPrototypes, logScale }, { cover, focus }) =>
    patchAlignment(
      patches,
      onEngine(cover as GoldenArray),
      normalPrototypes,
      abnormalPrototypes,
      scale({ logScale }),
      focus,
    ),
  preservation: (layers, { references, covers }) =>
    preservation(
      Object.values(layers),
      (references as GoldenArray[]).map((one) => onEngine<tf.Tensor4D>(one)),
      (covers as GoldenArray[]).map((one) => onEngine<tf.Tensor3D>(one)),
    ),
  separation({ normal, abnormal }, { cover, counts, options }) {
    let next = 0
    const runs = (counts as number[]).map((count) => ({ first: (next += count) - count, count }))
    return separation(normal, abnormal, { data: Float32Array.from((cover as GoldenArray).data) }, runs, options)
  },
  nearestDistances: ({ queries, bank }) => nearestDistances(queries, bank),
  jointFeatures: ({ fine, coarse }) => jointFeatures([fine, coarse]),
  imageHead: ({ pooled, fc1Weight, fc1Bias, fc2Weight, fc2Bias, normWeight, normBias }, { keep }) =>
    imageHead(
      pooled,
      new Map<string, tf.Tensor>([
        ['head.fc1.weight', fc1Weight],
        ['head.fc1.bias', fc1Bias],
        ['head.fc2.weight', fc2Weight],
        ['head.fc2.bias', fc2Bias],
        ['head.norm.weight', normWeight],
        ['head.norm.bias', normBias],
      ]),
      'head',
      keep && onEngine<tf.Tensor2D>(keep),
    ),
  patchHead: ({ features, weight, bias }) =>
    patchHead(
      features,
      new Map<string, tf.Tensor>([
        ['patch.layer2.weight', weight],
        ['patch.layer2.bias', bias],
      ]),
      'layer2',
    ),
}

const scale = ({ logScale }: Pick<Inputs, 'logScale'>) => similarityScale(logScale)
const alignment = ({ normal, abnormal, normalPrototypes, abnormalPrototypes }: Inputs) =>
  [normal, abnormal, normalPrototypes, abnormalPrototypes] as const

const titles = cases.map((one, index) => [`${one.name}, ${index}`, one] as const)

describe.each(['wasm', 'cpu'] as const)('losses and heads on %s are those of torch', (engine) => {
  beforeAll(async () => {
    await selectEngine({ prefer: [engine], threads: 1 })
  })

  test.each(titles)('%s: value and gradients', (_, { name, settings, inputs, value, gradients, probe }) => {
    const names = Object.keys(inputs)
    const compute = (...given: tf.Tensor[]): tf.Tensor =>
      (OURS[name] as (typeof OURS)[string])(
        Object.fromEntries(names.map((key, i) => [key, given[i]])) as unknown as Inputs,
        settings,
      )
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const given = names.map((key) => onEngine(inputs[key] as GoldenArray))
      const computed = compute(...given)
      expect(computed.shape).toEqual(value.shape)
      expectGolden('value', computed.dataSync(), value.data)
      const weights = probe && onEngine(probe)
      const found = tf.grads(((...x: tf.Tensor[]) =>
        weights ? tf.mul(compute(...x), weights) : compute(...x)) as never)(given) as tf.Tensor[]
      for (const [index, key] of names.entries()) {
        expectGolden(key, (found[index] as tf.Tensor).dataSync(), (gradients[key] as GoldenArray).data)
      }
    })
    expect(tf.memory().numTensors).toBe(before)
  })
})
