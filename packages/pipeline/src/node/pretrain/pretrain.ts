import { access } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readNaming, TabError, type AnomalySynthesizer, type LongTaskOptions, type Tensor } from '@tab/core'
import { auroc } from '@tab/metrics'
import {
  createBackbone,
  exportOnnx,
  loadBackbone,
  saveAlignment,
  saveBackbone,
  weightsDigest,
  type Backbone,
} from '@tab/model'
import { checkpointFile } from '@tab/model/node'
import {
  pretrain as train,
  type AnomalyStream,
  type PretrainResult as TrainingResult,
  type PretrainSettings,
  type StepRecord,
} from '@tab/model/training'
import { synthesizerOf, type SynthesizerSpec } from '@tab/synth'
import { synthesisStream } from '@tab/synth/node'
import { claimOutput } from '../files/claim-output.ts'
import { loadEmbedder } from '../prompts/embedder.ts'
import { readWeights } from '@tab/weights/node'
import { DEFAULT_BACKBONE } from '../../spec/default-backbone.ts'
import { specOf } from '../../spec/anomaly-kinds.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { presetOf, type PretrainPreset } from '../../spec/pretrain-presets.ts'
import { PRETRAIN_SPEC, type PretrainSpec } from '../../spec/pretrain-spec.ts'
import { THIS_PACKAGE, type PipelineTask } from '../pipeline-task.ts'
import { classSources, imageClass, type ImageClass } from './image-class.ts'
import type { ModelCard } from '../../results/model-card.ts'
import { validationWarning } from '../../results/validation-warning.ts'
import { openEngines } from './open-engines.ts'
import { settingsOf } from './settings-of.ts'
import { stepHistory } from './step-history.ts'
import { checkWasmMemory } from './wasm-memory.ts'

const VALIDATIONS = 4 // besides the first
const CHECKPOINTS = 10
const POISSON_SOURCES = 16 // images per class
const RESULTS = [
  'backbone.safetensors',
  'backbone.onnx',
  'alignment.safetensors',
  'history.jsonl',
  'curves.html',
  'model-card.json',
  'checkpoint/',
]

/** A spec with its settings and defaults. */
interface PretrainPlan extends PretrainSpec {
  readonly init: string
  readonly settings: PretrainSettings
  readonly workers: number
  readonly seed: number
}

export interface PretrainTask extends PipelineTask {
  /** Comes before the progress of the step. */
  readonly onStep?: ((record: StepRecord) => void) | undefined
  /** Draws curves.html, as `curvesPage` of @tab/report does. Default: none is written. */
  readonly drawCurves?: ((history: readonly StepRecord[], card: ModelCard) => string) | undefined
}

/** What was trained. */
export interface PretrainResult {
  /** Its `validation` says on how many images its figures stand, and warns of weights that do worse than those of the beginning. */
  readonly card: ModelCard
  /** Absolute path of the weights. */
  readonly backbone: string
}

/**
 * Trains and fills the output folder: `backbone.safetensors`, `backbone.onnx`, `alignment.safetensors`, `history.jsonl`, `curves.html` and
 * `model-card.json`, all at once when the training is complete; until then an earlier result stays. `checkpoint/` holds the state and the
 * history of it.
 * @throws INVALID_ARGUMENT, INVALID_DATA or NOT_FOUND for what does not fit together, before anything is computed where it can be told;
 *   what training and writing throw
 */
export async function pretrain(given: PretrainSpec, task: PretrainTask = {}): Promise<PretrainResult> {
  const spec = parseSpec(PRETRAIN_SPEC, given)
  const { output, init = startOf(spec), workers = 1, seed = 0 } = spec
  const preset = presetOf(spec.preset ?? 'tab')
  const textModel = textModelOf(spec, preset)
  const { anomalies = preset.anomalies, validation: share = preset.validation, patience } = spec
  const { signal, onProgress, onNote = () => undefined } = task
  const settings = settingsOf(spec)
  const plan: PretrainPlan = { ...spec, init, workers, seed, settings }
  const checkpoint = join(output, 'checkpoint', 'state.safetensors')
  if (spec.resume) await checkCheckpoint(checkpoint)
  await using claim = await claimOutput(output, RESULTS, (spec.overwrite ?? false) || (spec.resume ?? false), {
    reads: [...spec.data, init, textModel],
    optional: ['curves.html'],
  })
  const history = await stepHistory(join(output, 'checkpoint', 'history.jsonl'), spec.resume ?? false)
  const backbone = await initialBackbone(plan, { signal, onProgress })
  const { engine, onnx } = await openEngines(plan)
  onNote(`engine: ${engine.name}${engine.threads ? `, threads: ${engine.threads}` : ''}`)
  if (engine.name === 'wasm') checkWasmMemory(backbone.network, settings)
  if (textModel === 'lexical') {
    onNote('text: lexical, which knows words but no meaning (no CLIP text); give spec.textModel for CLIP')
  }
  const embedder = await loadEmbedder(textModel, 'fp32', false, { onProgress }, 'spec.textModel')
  const classes: ImageClass[] = []
  const preparation = preset.preparation(settings)
  const sources = await classSources(plan.data, plan.layout, plan.category)
  try {
    for (const source of sources) {
      classes.push(
        await imageClass(source, sources.length, { ...preset, preparation, embedder }, { signal, onProgress, onNote }),
      )
    }
  } finally {
    embedder.dispose()
  }
  noteRepeats(classes, settings, onNote)
  const state = checkpointFile(checkpoint)
  const every = Math.max(1, Math.round(settings.steps / VALIDATIONS))
  const anomalySpec = specOf(anomalies, await poissonSources(classes))
  const result = await train({
    backbone,
    classes: classes.map(({ training }) => training),
    anomalies: anomaliesBy(anomalySpec, plan),
    anomalySpec,
    textModel: embedder.id,
    settings,
    seed,
    ...(onnx && { onnx }),
    signal,
    onProgress,
    ...(share > 0 && {
      validation: { every, share, measure: auroc, ...(patience && { patience }) },
    }),
    checkpoints: {
      every: Math.max(1, Math.round(settings.steps / CHECKPOINTS)),
      resume: plan.resume ? 'required' : 'never',
      store: {
        load: state.load,
        async save(bytes) {
          await history.save() // first, so that no step of the state lacks its record
          await state.save(bytes)
        },
      },
    },
    onStep(record) {
      history.add(record)
      task.onStep?.(record)
    },
  })
  history.checkEnd(result.stoppedEarly ? (result.validations.at(-1)?.step ?? 0) : settings.steps)
  const card: ModelCard = {
    schema: 'tab.model-card/1',
    architecture: backbone.architecture,
    initialWeights: weightsDigest(backbone),
    weights: weightsDigest(result.backbone),
    classes: classes.map((entry) => entry.card),
    textModel: embedder.id,
    text: textModel === 'lexical' ? 'no CLIP text' : 'encoded by textModel',
    preset: preset.id,
    prompts: preset.prompts,
    average: preset.average,
    preparation,
    anomalies,
    settings,
    seed,
    engine: { name: engine.name, version: engine.version, threads: engine.threads ?? null },
    steps: history.records.length,
    validation: { ...judgements(result), every, share },
    madeBy: task.madeBy ?? THIS_PACKAGE,
  }
  const layers = result.backbone.layers.map(({ name }) => name)
  await claim.publish({
    'backbone.safetensors': saveBackbone(result.backbone, { 'tab.model-card': JSON.stringify(card) }),
    'backbone.onnx': exportOnnx(result.backbone, { layers }),
    'alignment.safetensors': saveAlignment(result.alignment),
    'history.jsonl': history.text(),
    ...(task.drawCurves ? { 'curves.html': task.drawCurves(history.records, card) } : {}),
    'model-card.json': `${JSON.stringify(card, null, 2)}\n`,
  })
  return { card, backbone: resolve(join(output, 'backbone.safetensors')) }
}

/**
 * The text model that was asked for, or the lexical one where the preset allows it unasked.
 * @throws INVALID_ARGUMENT
 */
function textModelOf({ textModel }: PretrainSpec, { id, lexical }: PretrainPreset): string {
  if (textModel !== undefined || lexical) return textModel ?? 'lexical'
  throw new TabError('INVALID_ARGUMENT', {
    where: 'spec.textModel',
    expected: `a CLIP text model or a table of embeddings, as ${id} needs; "lexical" trains without CLIP text`,
    actual: 'none',
  })
}

/** The bundled weights are a ResNet-18. */
function startOf({ architecture = 'resnet18' }: PretrainSpec): string {
  return architecture === 'resnet18' ? DEFAULT_BACKBONE : 'random'
}

async function checkCheckpoint(path: string): Promise<void> {
  await access(path).catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', {
      where: 'spec.resume',
      expected: `a checkpoint at ${path}`,
      actual: 'none; leave spec.resume out to start from the beginning',
      cause,
    })
  })
}

function judgements({
  validations,
  returned: last,
  judgedImages,
}: TrainingResult): Omit<ModelCard['validation'], 'every' | 'share'> {
  const best = validations.reduce<(typeof validations)[number] | null>(
    (found, next) => (found && found.value >= next.value ? found : next),
    null,
  )
  const first = validations[0]?.value ?? null
  const returned = last ?? null
  const images = { normal: judgedImages, synthetic: judgedImages }
  return {
    ...{ first, last: validations.at(-1)?.value ?? null, best, returned, images },
    warning: validationWarning({ first, returned, images }),
  }
}

async function initialBackbone(
  { init, architecture, seed, settings }: PretrainPlan,
  task: LongTaskOptions,
): Promise<Backbone> {
  if (init === 'random') return createBackbone({ architecture: architecture ?? 'resnet18', seed })
  const { bytes, path } = await readWeights(init, 'spec.init', task, ' or "random"')
  const { backbone } = readNaming(`spec.init ${path}`, () => loadBackbone(bytes))
  if (architecture !== undefined && architecture !== backbone.architecture) {
    throw new TabError('INVALID_ARGUMENT', {
      where: 'spec.architecture',
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
