import type { EngineName } from '@tab/backend-tfjs'
import type { LayoutName } from '@tab/data'
import type { Architecture } from '@tab/model'
import type { LossWeights, PretrainSettings } from '@tab/model/training'
import * as z from 'zod'
import { KIND_NAMES } from './anomaly-kinds.ts'
import { architecture, count, flag, layout, name, seed } from './fields.ts'

/** An engine of tfjs, or ONNX Runtime beside one. */
export type TrainingEngine = EngineName | 'onnx'

/** Engines that a training can run on. */
export const ENGINE_NAMES: readonly TrainingEngine[] = ['onnx', 'node-gpu', 'node', 'webgpu', 'wasm', 'cpu']

/** Settings that differ from those of a preset. */
export type SettingChanges = Partial<Omit<PretrainSettings, 'losses'>> & { readonly losses?: Partial<LossWeights> }

/** What a backbone is aligned on, how, and where it goes; plain JSON. */
export interface PretrainSpec {
  /** Data sets; each is a class, or each of its categories. */
  readonly data: readonly string[]
  /** Default: found by what the data sets hold. */
  readonly layout?: LayoutName | undefined
  /** Of data sets with categories, only these. */
  readonly category?: readonly string[] | undefined
  /** Folder for weights, history and model card. */
  readonly output: string
  /**
   * To start from: a .safetensors file, a folder of a pre-training, a bundled name, a hub id, or `random`. Default `tab-resnet18`, and `random` for an
   * `architecture` that it does not have.
   */
  readonly init?: string | undefined
  /** Default: what the weights are; of random ones ResNet-18. */
  readonly architecture?: Architecture | undefined
  /** Settings, prompts, anomalies and preparation to start from: `tab@1`, `tab@2`, `paper@1`, or a name without its version. Default `tab`. */
  readonly preset?: string | undefined
  /** What differs from the preset. */
  readonly settings?: SettingChanges | undefined
  /**
   * CLIP text model by hub id or folder, a table of embeddings (.safetensors), or `lexical`, which knows words but no meaning. Default
   * `lexical`, where the preset allows it.
   */
  readonly textModel?: string | undefined
  /** Kind of anomalies, of `KIND_NAMES`. Default: what the preset says. */
  readonly anomalies?: string | undefined
  /** Share of each class held out to validate the training; 0 for none. Default: what the preset says. */
  readonly validation?: number | undefined
  /** Stop after so many validations in a row without a better one, and keep the best weights. Default: take every step. */
  readonly patience?: number | undefined
  /** `onnx`: ONNX Runtime computes the backbone, and tfjs on wasm the rest. Default: the best of tfjs that works. */
  readonly engine?: TrainingEngine | undefined
  /** Of ONNX Runtime and of the wasm engine. Default: as many as they can use. */
  readonly threads?: number | undefined
  /** Threads that make anomalies beside the training; 0: the main one does, and the anomalies are the same. Default 1. */
  readonly workers?: number | undefined
  /** Of every random choice. Default 0. */
  readonly seed?: number | undefined
  /** Resume from the checkpoint in the output folder. Default false. */
  readonly resume?: boolean | undefined
  /** Replace an earlier result, as a training that resumes does. Default false. */
  readonly overwrite?: boolean | undefined
}

export const PRETRAIN_SPEC: z.ZodType<PretrainSpec> = z.strictObject({
  data: z.array(name).min(1),
  layout,
  category: z.array(name).min(1).optional(),
  output: name,
  init: name.optional(),
  architecture: architecture.optional(),
  preset: name.optional(),
  // Their names and values are checked where a training begins, by the package that knows them.
  settings: z
    .custom<SettingChanges>((value) => typeof value === 'object' && value !== null, 'expected settings')
    .optional(),
  textModel: z.string().optional(),
  anomalies: z.enum(KIND_NAMES).optional(),
  validation: z.number().min(0).max(0.9).optional(),
  patience: count,
  engine: z.enum(ENGINE_NAMES).optional(),
  threads: count,
  workers: z.int().min(0).optional(),
  seed,
  resume: flag,
  overwrite: flag,
})
