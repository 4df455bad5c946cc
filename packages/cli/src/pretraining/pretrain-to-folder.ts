import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineName } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { readNaming, TabError, type AnomalySynthesizer, type LongTaskOptions, type Tensor } from '@tab/core'
import type { LayoutName } from '@tab/data/node'
import { auroc } from '@tab/metrics'
import {
  createBackbone,
  exportOnnx,
  loadBackbone,
  saveAlignment,
  saveBackbone,
  weightsDigest,
  type Architecture,
  type Backbone,
} from '@tab/model'
import { checkpointFile } from '@tab/model/node'
import {
  checkSettings,
  pretrain,
  type AnomalyStream,
  type PretrainSettings,
  type StepRecord,
} from '@tab/model/training'
import { synthesizerOf, type SynthesizerSpec } from '@tab/synth'
import { synthesisStream } from '@tab/synth/node'
import { claimOutput } from '../files/claim-output.ts'
import { writeAtomically } from '../files/write-atomically.ts'
import { loadEmbedder } from '../prompts/embedder.ts'
import { readWeights } from '../setup/read-weights.ts'
import { specOf } from '../synthesis/kinds.ts'
import { VERSION } from '../version.ts'
import { curvesPage } from './curves-page.tsx'
import { classSources, imageClass, type ImageClass } from './image-class.ts'
import type { ModelCard } from './model-card.ts'
import { checkWasmMemory } from './wasm-memory.ts'

const VALIDATIONS = 4 // besides the first
const CHECKPOINTS = 10
const POISSON_SOURCES = 16 // images a class
const RESULTS = [
  'backbone.safetensors',
  'backbone.onnx',
  'alignment.safetensors',
  'history.jsonl',
  'curves.html',
  'model-card.json',
  'checkpoint/',
]

/** What is trained and where it goes. */
export interface PretrainPlan {
  readonly data: readonly string[]
  /** Default: found by what the data sets hold. */
  readonly layout?: LayoutName
  /** Of data sets with categories, only these. */
  readonly category?: readonly string[]
  readonly init: string
  /** Default: of a file what it holds, of random weights ResNet-18. */
  readonly architecture?: Architecture
  readonly settings: PretrainSettings
  readonly textModel: string
  /** A kind of `tab synth`, or the mixture of the recipe. */
  readonly anomalies: string
  readonly engine?: EngineName
  readonly threads?: number
  /** Threads that make anomalies beside the training; with 0 they are made between its steps. The anomalies are the same. */
  readonly workers: number
  readonly seed: number
  readonly output: string
  readonly resume: boolean
  /** Whether an earlier result is replaced, as it is by a training that resumes. */
  readonly overwrite: boolean
}

/** What is told while it trains. */
export interface PretrainWatcher extends LongTaskOptions {
  readonly onNote: (note: string) => void
  /** Comes before the progress of the step. */
  readonly onStep?: (record: StepRecord) => void
}

/**
 * Trains and fills the output folder: `backbone.safetensors`, `backbone.onnx`, `alignment.safetensors`, `history.jsonl`, `curves.html` and
 * `model-card.json`, all at once when the training is complete; until then an earlier result stays. `checkpoint/` holds the state and the
 * history behind it.
 * @throws INVALID_ARGUMENT, INVALID_DATA or NOT_FOUND for what does not fit together, before anything is computed where it can be told;
 *   what training and writing throw
 */
export async function pretrainToFolder(plan: PretrainPlan, watcher: PretrainWatcher): Promise<ModelCard> {
  const { settings, seed, output } = plan
  const { signal, onProgress, onNote } = watcher
  checkSettings(settings)
  await using claim = await claimOutput(output, RESULTS, plan.overwrite || plan.resume, {
    reads: [...plan.data, plan.init, plan.textModel],
  })
  const backbone = await initialBackbone(plan, { signal, onProgress })
  const engine = await selectEngine({
    ...(plan.engine ? { prefer: [plan.engine] } : {}),
    ...(plan.threads ? { threads: plan.threads } : {}),
  })
  onNote(`engine: ${engine.name}${engine.threads ? `, threads: ${engine.threads}` : ''}`)
  if (engine.name === 'wasm') checkWasmMemory(backbone.network, settings)
  if (plan.textModel === 'lexical') {
    onNote('text: lexical, which knows words but no meaning; give --text-model for CLIP')
  }
  const embedder = await loadEmbedder(plan.textModel, 'fp32', false, { onProgress }, '--text-model')
  const classes: ImageClass[] = []
  const sources = await classSources(plan.data, plan.layout, plan.category)
  try {
    for (const source of sources) {
      classes.push(
        await imageClass(source, settings.imageSize, sources.length, embedder, { signal, onProgress, onNote }),
      )
    }
  } finally {
    embedder.dispose()
  }
  noteRepeats(classes, settings, onNote)
  const state = checkpointFile(join(output, 'checkpoint', 'state.safetensors'))
  const stateHistory = join(output, 'checkpoint', 'history.jsonl')
  const history = plan.resume ? await earlierSteps(stateHistory) : []
  const every = Math.max(1, Math.round(settings.steps / VALIDATIONS))
  const result = await pretrain({
    backbone,
    classes: classes.map(({ training }) => training),
    anomalies: anomaliesBy(specOf(plan.anomalies, await poissonSources(classes)), plan),
    settings,
    seed,
    signal,
    onProgress,
    validation: { every, measure: auroc },
    checkpoints: {
      every: Math.max(1, Math.round(settings.steps / CHECKPOINTS)),
      store: {
        load: async () => (plan.resume ? state.load() : undefined),
        async save(bytes) {
          // The history first: steps behind the state that a run goes on from are made anew.
          await writeAtomically(stateHistory, linesOf(history))
          await state.save(bytes)
        },
      },
    },
    onStep(record) {
      history.splice(record.step - 1, Infinity, record)
      watcher.onStep?.(record)
    },
  })
  const judged = history.filter(({ validation }) => validation !== undefined)
  const card: ModelCard = {
    schema: 'tab.model-card/1',
    architecture: backbone.architecture,
    initialWeights: weightsDigest(backbone),
    weights: weightsDigest(result.backbone),
    classes: classes.map((entry) => entry.card),
    textModel: embedder.id,
    anomalies: plan.anomalies,
    settings,
    seed,
    engine: { name: engine.name, version: engine.version, threads: engine.threads ?? null },
    steps: history.length,
    validation: { first: result.firstValidation ?? null, last: judged.at(-1)?.validation ?? null, every },
    madeBy: `tab ${VERSION}`,
  }
  const layers = result.backbone.layers.map(({ name }) => name)
  await claim.publish({
    'backbone.safetensors': saveBackbone(result.backbone, { 'tab.model-card': JSON.stringify(card) }),
    'backbone.onnx': exportOnnx(result.backbone, { layers }),
    'alignment.safetensors': saveAlignment(result.alignment),
    'history.jsonl': linesOf(history),
    'curves.html': curvesPage(history, card),
    'model-card.json': `${JSON.stringify(card, null, 2)}\n`,
  })
  return card
}

async function initialBackbone(
  { init, architecture, seed, settings }: PretrainPlan,
  task: LongTaskOptions,
): Promise<Backbone> {
  if (init === 'random') return createBackbone({ architecture: architecture ?? 'resnet18', seed })
  const { bytes, path } = await readWeights(init, '--init', task, ' or "random"')
  const { backbone } = readNaming(`--init ${path}`, () => loadBackbone(bytes))
  if (architecture !== undefined && architecture !== backbone.architecture) {
    throw new TabError('INVALID_ARGUMENT', {
      where: '--architecture',
      expected: `${backbone.architecture}, which ${init} holds, or nothing`,
      actual: architecture,
    })
  }
  const deepest = backbone.layers.some(({ name }) => name === settings.imageLayer)
  return deepest ? backbone : loadBackbone(bytes, { fillMissing: { seed } }).backbone
}

/** A class smaller than its part of a pass is allowed: its images come again, each time flipped anew and with another anomaly. */
function noteRepeats(
  classes: readonly ImageClass[],
  { pairs, classesPerStep }: PretrainSettings,
  onNote: (note: string) => void,
): void {
  const share = Math.ceil(pairs / Math.min(classes.length, classesPerStep, pairs))
  for (const { card } of classes) {
    if (card.images < share) {
      onNote(
        `${card.name}: ${card.images} images for ${share} pairs of a pass, so they repeat, with another anomaly each time`,
      )
    }
  }
}

function anomaliesBy(spec: SynthesizerSpec, { workers, settings }: PretrainPlan): AnomalySynthesizer | AnomalyStream {
  if (workers === 0) return synthesizerOf(spec)
  const lookAhead = Math.ceil(settings.pairs / workers) // a step's worth
  return (images, place) => synthesisStream(images, { ...place, spec, workers, lookAhead })
}

/** Some training images of every class, for the patches of Poisson blending. */
async function poissonSources(classes: readonly ImageClass[]): Promise<Tensor[]> {
  const sources: Tensor[] = []
  for (const { training } of classes) {
    const { length } = training.images
    const count = Math.min(POISSON_SOURCES, length)
    for (let i = 0; i < count; i++) sources.push(await training.images.read(Math.floor((i * length) / count)))
  }
  return sources
}

async function earlierSteps(path: string): Promise<StepRecord[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StepRecord)
}

function linesOf(history: readonly StepRecord[]): string {
  return history.map((record) => `${JSON.stringify(record)}\n`).join('')
}
