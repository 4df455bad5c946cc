import * as tf from '@tensorflow/tfjs'
import { toHost } from '@tab/backend-tfjs'
import { TabError, throwIfAborted, type AnomalySynthesizer, type LongTaskOptions, type Tensor } from '@tab/core'
import type { Alignment } from '../alignment.ts'
import type { Backbone } from '../backbone.ts'
import { weightsDigest } from '../weights-digest.ts'
import { alignmentNetwork, type AlignmentNetwork, type PassResult } from './alignment-network.ts'
import { inThisThread, passesFrom, type AnomalyStream, type Pass } from './batches/pair-stream.ts'
import { checkClasses, splitClasses, type TrainingClass } from './batches/training-class.ts'
import {
  finite,
  readCheckpoint,
  writeCheckpoint,
  type CheckpointStore,
  type TrainingIdentity,
  type ValidationState,
} from './checkpoint.ts'
import { adamW, sgd, type Optimizer } from './optimizers/optimizer.ts'
import { warmupCosine } from './optimizers/schedule.ts'
import { checkSettings, PRETRAIN_PRESETS, type LossWeights, type PretrainSettings } from './settings.ts'
import { validate, type ValidationOptions } from './validation.ts'

/** What one optimizer step did. */
export interface StepRecord {
  /** From 1. */
  readonly step: number
  /** Weighted sum. */
  readonly loss: number
  /** Unweighted terms. */
  readonly terms: Readonly<Partial<Record<keyof LossWeights, number>>>
  /** Similarities are multiplied by 1 / temperature. */
  readonly temperature: number
  readonly learningRate: number
  /** Before clipping. */
  readonly gradientNorm: number
  readonly imagesPerSecond: number
  /** Time spent waiting for images and anomalies. */
  readonly waitedSeconds: number
  /** Measure of the validation behind this step, where there was one. */
  readonly validation?: number
}

export interface PretrainOptions extends LongTaskOptions {
  /** Where to start; it is not changed. */
  readonly backbone: Backbone
  readonly classes: readonly TrainingClass[]
  /** What makes anomalies, in this thread or by a stream of its own such as a worker pool. */
  readonly anomalies: AnomalySynthesizer | AnomalyStream
  /** Default `PRETRAIN_PRESETS.tab`. */
  readonly settings?: PretrainSettings
  /** Seed of every random choice. */
  readonly seed: number
  readonly validation?: ValidationOptions
  /** Where the state is kept between runs; a state found there is gone on from, to the same weights as without the stop. */
  readonly checkpoints?: { readonly store: CheckpointStore; readonly every: number }
  readonly onStep?: (record: StepRecord) => void
}

export interface PretrainResult {
  readonly backbone: Backbone
  readonly alignment: Alignment
  /** Steps of this run; those before a checkpoint are not among them. */
  readonly history: readonly StepRecord[]
  /** Measure before the first step, also where that was taken in an earlier run. */
  readonly firstValidation: number | undefined
  readonly stoppedEarly: boolean
  /** tfjs's name of the engine. */
  readonly engine: string
}

const WHERE = 'pretrain'

/**
 * Aligns a backbone with text: normal and synthetic-abnormal images of each class with the prototypes of its two states. Runs on tfjs's
 * current engine (see `selectEngine`); the same seed gives the same weights on the same engine.
 * @throws INVALID_ARGUMENT for settings, classes or a backbone that do not fit together; NUMERICAL for a loss or weights that are not finite,
 *   with the last checkpoint kept; INCOMPATIBLE for a checkpoint of another training; ABORTED; what reading or synthesis throws, naming the image;
 *   what saving throws
 */
export async function pretrain(options: PretrainOptions): Promise<PretrainResult> {
  const { backbone, classes, seed, signal, validation, checkpoints } = options
  const settings = options.settings ?? PRETRAIN_PRESETS.tab
  checkSettings(settings)
  const dimension = checkClasses(classes)
  if (classes.length === 1 && settings.losses.classAlignment > 0 && onlyClassAlignment(settings)) {
    throw new TabError('INVALID_ARGUMENT', {
      where: WHERE,
      expected: 'two classes or more for classAlignment alone, which is constant for one; add stateAlignment',
      actual: `one class, "${classes[0]?.name}"`,
    })
  }
  const splits = splitClasses(classes, validation ? (validation.share ?? 0.1) : 0, seed)
  const anomalies = typeof options.anomalies === 'function' ? options.anomalies : inThisThread(options.anomalies)
  const network = alignmentNetwork(backbone, classes, dimension, settings, seed)
  const optimizer =
    settings.optimizer === 'adamw' ? adamW(settings.weightDecay) : sgd(settings.momentum, settings.weightDecay)
  const averages = new Map<string, tf.Variable>()
  const identity: TrainingIdentity = {
    settings,
    seed,
    classes: classes.map(({ name, images }) => `${name} (${images.length} images)`),
    initialWeights: weightsDigest(backbone),
  }
  const history: StepRecord[] = []
  let stoppedEarly = false
  let passes: AsyncGenerator<Pass, void, undefined> | undefined
  try {
    const saved = await checkpoints?.store.load()
    const begun = saved && readCheckpoint(saved, identity, variableOf)
    const start = begun?.step ?? 0
    const judge = () =>
      validation ? validate(network, classes, splits, anomalies, settings.imageSize, seed, validation) : undefined
    let judged: ValidationState | undefined = begun?.validation
    if (!judged) {
      const first = await judge()
      judged = { first, best: first, worse: 0 }
    }
    passes = passesFrom(start * settings.accumulate, classes, splits, anomalies, settings, seed, signal)
    for (let step = start; step < settings.steps && !stoppedEarly; step++) {
      throwIfAborted(WHERE, signal)
      const record = await trainStep(network, optimizer, passes, settings, seed, step)
      if (settings.ema !== null) average(settings.ema)
      const due = validation && ((step + 1) % validation.every === 0 || step + 1 === settings.steps)
      const value = due ? await judge() : undefined
      const complete = value === undefined ? record : { ...record, validation: value }
      history.push(complete)
      options.onStep?.(complete)
      options.onProgress?.({ phase: 'pretrain', done: step + 1, total: settings.steps })
      if (value !== undefined) {
        const better: boolean = value > (judged.best ?? -Infinity)
        judged = { first: judged.first, best: better ? value : judged.best, worse: better ? 0 : judged.worse + 1 }
        stoppedEarly = validation?.patience !== undefined && judged.worse >= validation.patience
      }
      if (checkpoints && ((step + 1) % checkpoints.every === 0 || step + 1 === settings.steps || stoppedEarly)) {
        const progress = { step: step + 1, validation: judged }
        await checkpoints.store.save(await writeCheckpoint(everything(), progress, identity))
      }
    }
    for (const [name, mean] of averages) averaged().get(name)?.assign(mean)
    const trained = await network.trained.toBackbone()
    for (const [name, parameter] of trained.parameters) finite(name, parameter, settings.steps)
    return {
      backbone: trained,
      alignment: await alignmentOf(trained),
      history,
      firstValidation: judged.first,
      stoppedEarly,
      engine: tf.getBackend(),
    }
  } finally {
    await passes?.return()
    network.dispose()
    optimizer.dispose()
    tf.dispose([...averages.values()])
  }

  /** Every variable of the training, by its name in a checkpoint. */
  function everything(): Map<string, tf.Variable> {
    const named = (prefix: string, variables: ReadonlyMap<string, tf.Variable>) =>
      [...variables].map(([name, variable]) => [`${prefix}/${name}`, variable] as const)
    return new Map([
      ...named('backbone', network.trained.variables),
      ...named('heads', network.heads),
      ...named('optimizer', optimizer.moments),
      ...named('average', averages),
    ])
  }

  function variableOf(name: string, shape: readonly number[]): tf.Variable {
    const found = everything().get(name)
    if (found) return found
    const made = tf.tidy(() => tf.variable(tf.zeros([...shape]), false))
    const [kind, ...rest] = name.split('/')
    ;(kind === 'average' ? averages : optimizer.moments).set(rest.join('/'), made)
    return made
  }

  /** What the moving average is of: statistics too where they move, so that averaged weights have those that belong to them. */
  function averaged(): Map<string, tf.Variable> {
    const moving = settings.batchNorm === 'train' ? network.trained.variables : new Map<string, tf.Variable>()
    const statistics = [...moving].filter(([name]) => /\.running_/.test(name))
    return new Map([...network.learning, ...statistics.map(([name, value]) => [`backbone/${name}`, value] as const)])
  }

  function average(decay: number): void {
    for (const [name, variable] of averaged()) {
      const mean = averages.get(name)
      if (mean) tf.tidy(() => mean.assign(tf.add(tf.mul(mean, decay), tf.mul(variable, 1 - decay))))
      else
        averages.set(
          name,
          tf.tidy(() => tf.variable(tf.clone(variable), false)),
        )
    }
  }

  async function alignmentOf(trained: Backbone): Promise<Alignment> {
    const heads = new Map<string, Tensor>()
    for (const [name, variable] of network.heads) heads.set(name, await toHost(variable))
    return {
      heads,
      prototypes: new Map(classes.map(({ name, prototypes }) => [name, prototypes])),
      imageLayer: settings.imageLayer,
      patchLayers: settings.patchLayers,
      sharedHead: settings.heads === 'shared',
      backbone: weightsDigest(trained),
    }
  }
}

function onlyClassAlignment({ losses }: PretrainSettings): boolean {
  return losses.stateAlignment + losses.patchAlignment + losses.separation === 0
}

async function trainStep(
  network: AlignmentNetwork,
  optimizer: Optimizer,
  passes: AsyncGenerator<Pass, void, undefined>,
  settings: PretrainSettings,
  seed: number,
  step: number,
): Promise<StepRecord> {
  const begun = performance.now()
  let waited = 0
  let loss = 0
  const terms: Partial<Record<keyof LossWeights, number>> = {}
  const sums = new Map<string, tf.Tensor>()
  try {
    for (let pass = 0; pass < settings.accumulate; pass++) {
      const asked = performance.now()
      const { value } = await passes.next()
      waited += performance.now() - asked
      const result = network.gradients(value as Pass, `${seed}/${step}/${pass}`)
      loss += await take(result, sums, terms, settings.accumulate)
    }
    const gradientNorm = await normOf(sums)
    if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm)) {
      throw new TabError('NUMERICAL', {
        where: `${WHERE}, step ${step + 1}`,
        expected: 'a finite loss and gradient',
        actual: `loss ${loss}, gradient norm ${gradientNorm}: try a smaller learningRate or clipNorm; the last checkpoint is kept`,
      })
    }
    const rate = warmupCosine(step, settings.steps, settings.warmup)
    const shrink = settings.clipNorm === null ? 1 : Math.min(1, settings.clipNorm / (gradientNorm + 1e-6))
    const updates = [...sums].map(([name, sum]) => ({
      name,
      variable: network.learning.get(name) as tf.Variable,
      gradient: shrink === 1 ? tf.clone(sum) : tf.mul(sum, shrink),
      learningRate: rate * (name.startsWith('heads/') ? settings.headLearningRate : settings.learningRate),
    }))
    optimizer.apply(updates, step)
    tf.dispose(updates.map(({ gradient }) => gradient))
    const [logScale] = await (network.heads.get('logScale') as tf.Variable).data()
    const seconds = (performance.now() - begun) / 1000
    return {
      step: step + 1,
      loss,
      terms,
      temperature: 1 / Math.min(100, Math.exp(logScale as number)),
      learningRate: rate * settings.learningRate,
      gradientNorm,
      imagesPerSecond: (2 * settings.pairs * settings.accumulate) / seconds,
      waitedSeconds: waited / 1000,
    }
  } finally {
    tf.dispose([...sums.values()])
  }
}

/** Adds a pass to the sums, and gives back its share of the loss. */
async function take(
  { total, terms, gradients }: PassResult,
  sums: Map<string, tf.Tensor>,
  termSums: Partial<Record<keyof LossWeights, number>>,
  passes: number,
): Promise<number> {
  for (const [name, gradient] of gradients) {
    const before = sums.get(name)
    sums.set(
      name,
      tf.tidy(() => (before ? tf.add(before, tf.div(gradient, passes)) : tf.div(gradient, passes))),
    )
    tf.dispose([gradient, ...(before ? [before] : [])])
  }
  for (const [name, term] of Object.entries(terms) as [keyof LossWeights, tf.Scalar][]) {
    const [value] = await term.data()
    termSums[name] = (termSums[name] ?? 0) + (value as number) / passes
  }
  const [value] = await total.data()
  tf.dispose([total, ...Object.values(terms)])
  return (value as number) / passes
}

async function normOf(gradients: ReadonlyMap<string, tf.Tensor>): Promise<number> {
  const squared = tf.tidy(() => tf.addN([...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)))))
  const [value] = await squared.data()
  squared.dispose()
  return Math.sqrt(value as number)
}
