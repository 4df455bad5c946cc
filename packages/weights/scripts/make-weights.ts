import { sha256, TabError, type JsonValue } from '@tab/core'
import {
  averageBackbones,
  loadBackbone,
  networkSpec,
  parameterShapes,
  saveBackbone,
  STAGES,
  weightsDigest,
  withoutBatchNorm,
  type Backbone,
  type Stage,
} from '@tab/model'
import type { WeightsData, WeightsRecord } from '../src/bundled/weights-record.ts'
import type { WeightsPlan } from './weights-plan.ts'

/** The fields that are read of the card of a training (`model-card.json`). */
export interface TrainingCard {
  readonly architecture: string
  readonly initialWeights: string
  readonly weights: string
  readonly seed: number
  readonly classes: readonly { readonly name: string; readonly images: number; readonly digest: string }[]
}

/** Weights of a training and its card. */
export interface Training {
  /** For messages. */
  readonly path: string
  readonly bytes: Uint8Array
  readonly card: TrainingCard
}

/**
 * The bytes that a package ships: the mean of the trainings, averaged with the initial weights by the plan's share, BatchNorms folded, in
 * float16. The same files give the same bytes on every machine.
 * @throws INCOMPATIBLE for files that are not those of the plan or not of one network, INVALID_DATA for a class of which the plan names no data
 */
export async function makeWeights(
  plan: WeightsPlan,
  initial: { readonly path: string; readonly bytes: Uint8Array },
  trainings: readonly Training[],
): Promise<{ bytes: Uint8Array; record: WeightsRecord }> {
  const digest = await sha256(initial.bytes)
  if (digest !== plan.initial.sha256) {
    const expected = `${plan.initial.name}, SHA-256 ${plan.initial.sha256}`
    throw new TabError('INCOMPATIBLE', { where: initial.path, expected, actual: digest })
  }
  if (trainings.length !== plan.trainings.length || trainings.length === 0) {
    const expected = `${plan.trainings.length} trainings, as the plan has them`
    throw new TabError('INCOMPATIBLE', { where: '--training', expected, actual: String(trainings.length) })
  }
  if (plan.trainings.some(({ command }) => command === '')) {
    throw new TabError('INVALID_DATA', { where: 'trainings', expected: 'the command of each training', actual: 'none' })
  }
  const whole = loadBackbone(initial.bytes).backbone
  const first = upTo(whole, plan.lastStage as Stage)
  let mean = first
  for (const [index, { path, bytes, card }] of trainings.entries()) {
    const trained = loadBackbone(bytes).backbone
    if (weightsDigest(trained) !== card.weights) {
      const expected = `weights ${card.weights}, as its card says`
      throw new TabError('INCOMPATIBLE', { where: path, expected, actual: weightsDigest(trained) })
    }
    if (
      card.initialWeights !== weightsDigest(whole) &&
      card.initialWeights !== filledDigest(initial.bytes, card.seed)
    ) {
      const expected = `a training that began with the initial weights, ${weightsDigest(whole)}`
      throw new TabError('INCOMPATIBLE', { where: path, expected, actual: card.initialWeights })
    }
    const kept = upTo(trained, plan.lastStage as Stage)
    mean = index === 0 ? kept : averageBackbones(mean, kept, 1 / (index + 1))
  }
  const folded = withoutBatchNorm(averageBackbones(first, mean, plan.share))
  const record: WeightsRecord = {
    schema: 'tab.weights-record/1',
    id: plan.id,
    architecture: first.architecture,
    layers: first.layers.map(({ name }) => name),
    licence: plan.licence,
    initial: { ...plan.initial, digest: weightsDigest(first) },
    trainings: await Promise.all(
      trainings.map(async ({ bytes, card }, index) => ({
        command: (plan.trainings[index] as WeightsPlan['trainings'][number]).command,
        sha256: await sha256(bytes),
        digest: card.weights,
        card: card as unknown as JsonValue,
      })),
    ),
    data: dataOf(plan, trainings),
    share: plan.share,
    stored: { dtype: 'float16', largestError: largestError(folded) },
  }
  const metadata = { license: plan.licence, 'tab.id': plan.id, 'tab.record': JSON.stringify(record) }
  return { bytes: saveBackbone(folded, metadata, { dtype: 'float16' }), record }
}

/** Of the weights that a training begins with whose losses need layers that the file lacks: `tab pretrain` fills them by its seed. */
function filledDigest(bytes: Uint8Array, seed: number): string {
  return weightsDigest(loadBackbone(bytes, { fillMissing: { seed } }).backbone)
}

/** The part of a backbone that ends with a stage. */
function upTo(backbone: Backbone, lastStage: Stage): Backbone {
  if (STAGES.indexOf(lastStage) > STAGES.indexOf(backbone.lastStage)) {
    throw new TabError('INCOMPATIBLE', {
      where: 'weights',
      expected: `stages to ${lastStage}`,
      actual: backbone.lastStage,
    })
  }
  const network = networkSpec(backbone.architecture, lastStage)
  const names = [...parameterShapes(network).keys()]
  const parameters = new Map([...backbone.parameters].filter(([name]) => names.includes(name)))
  return { ...backbone, lastStage, network, layers: network.layers, parameters }
}

/** Every class of every training with the data set that it is of: no image of unknown licence is in the weights, and no licence is idle. */
function dataOf(plan: WeightsPlan, trainings: readonly Training[]): WeightsData[] {
  const seen = new Map(
    trainings.flatMap(({ card }) =>
      card.classes.map(({ name, images, digest }) => [`${name} ${digest}`, { name, images, digest }]),
    ),
  )
  const classes = [...seen.values()]
  const covers = (patterns: readonly string[], name: string): boolean =>
    patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern))
  const stray = classes.filter(({ name }) => plan.data.filter((set) => covers(set.classes, name)).length !== 1)
  if (stray.length > 0) {
    const actual = stray.map(({ name }) => name).join(', ')
    throw new TabError('INVALID_DATA', {
      where: 'data',
      expected: 'classes that one data set of the plan covers',
      actual,
    })
  }
  return plan.data.map(({ name, licence, source, classes: patterns }) => {
    const own = classes.filter((entry) => covers(patterns, entry.name))
    if (own.length === 0)
      throw new TabError('INVALID_DATA', { where: `data ${name}`, expected: 'a class of a training', actual: 'none' })
    return { name, licence, source, classes: own }
  })
}

/** Of the rounding to float16: the largest change of a weight, over the largest weight of its tensor. */
function largestError(backbone: Backbone): number {
  const { parameters } = loadBackbone(saveBackbone(backbone, {}, { dtype: 'float16' })).backbone
  let largest = 0
  for (const [name, { data }] of backbone.parameters) {
    const rounded = parameters.get(name)?.data as Float32Array
    let [change, weight] = [0, 0]
    for (let index = 0; index < data.length; index++) {
      const value = data[index] as number
      change = Math.max(change, Math.abs((rounded[index] as number) - value))
      weight = Math.max(weight, Math.abs(value))
    }
    if (weight > 0) largest = Math.max(largest, change / weight)
  }
  return Number(largest.toPrecision(3))
}
