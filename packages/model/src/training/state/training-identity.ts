import * as tf from '@tensorflow/tfjs'
import { createPause, TabError, type LongTaskOptions } from '@tab/core'
import type { Backbone } from '../../backbone.ts'
import { weightsDigest } from '../../weights-digest.ts'
import { readTrainingImage } from '../batches/read-training-image.ts'
import type { ClassSplit, TrainingClass } from '../batches/training-class.ts'
import type { PretrainSettings } from '../settings.ts'
import type { ValidationOptions } from '../validation/validate.ts'
import { contentDigest } from './content-digest.ts'

/** What a class brings to a training. Digests are SHA-256. */
export interface ClassIdentity {
  readonly name: string
  /** Number of images. */
  readonly count: number
  /** Digest of their content, in their order. */
  readonly images: string
  /** Digest of the two vectors. */
  readonly prototypes: string
  /** Digest of which images are learnt from and which are held out. */
  readonly split: string
}

/** Everything that decides the weights: two trainings with one identity take the same steps. */
export interface TrainingIdentity {
  readonly settings: PretrainSettings
  readonly seed: number
  readonly initialWeights: string
  /** Id of the text model, where the caller gave it. */
  readonly textModel: string | null
  /** Name of the synthesizer, and digest of the spec where the caller gave it. */
  readonly anomalies: { readonly name: string | null; readonly spec: string | null }
  readonly validation: {
    readonly every: number
    readonly share: number
    readonly images: number
    readonly patience: number | null
  } | null
  readonly engine: { readonly name: string; readonly version: string }
  readonly classes: readonly ClassIdentity[]
}

/** What an identity is made of. */
export interface IdentityParts {
  readonly settings: PretrainSettings
  readonly seed: number
  readonly backbone: Backbone
  readonly classes: readonly TrainingClass[]
  readonly splits: readonly ClassSplit[]
  readonly validation:
    (Required<Pick<ValidationOptions, 'every' | 'share' | 'images'>> & Pick<ValidationOptions, 'patience'>) | undefined
  readonly textModel: string | undefined
  readonly synthesizer: string | undefined
  readonly anomalySpec: unknown
  /** Whether ONNX Runtime computes the backbone. */
  readonly onnx: boolean
}

/** Digests all parts, on tfjs's current engine. Images without a digest of their own are read once. */
export async function identityOf(parts: IdentityParts, task: LongTaskOptions): Promise<TrainingIdentity> {
  const { settings, seed, backbone, classes, splits, validation, textModel, synthesizer, anomalySpec, onnx } = parts
  const identities: ClassIdentity[] = []
  for (const [index, source] of classes.entries()) {
    const { name, images, prototypes } = source
    identities.push({
      name,
      count: images.length,
      images: images.digest ?? (await imagesDigest(source, task)),
      prototypes: await contentDigest([prototypes.normal, prototypes.abnormal]),
      split: await contentDigest(splits[index]),
    })
  }
  return {
    settings,
    seed,
    initialWeights: weightsDigest(backbone),
    textModel: textModel ?? null,
    anomalies: {
      name: synthesizer ?? null,
      spec: anomalySpec === undefined ? null : await contentDigest(anomalySpec),
    },
    validation: validation
      ? {
          every: validation.every,
          share: validation.share,
          images: validation.images,
          patience: validation.patience ?? null,
        }
      : null,
    engine: { name: engineName(onnx), version: tf.version_core },
    classes: identities,
  }
}

/** Name of what computes a training: tfjs's engine, or ONNX Runtime with it. */
export function engineName(onnx: boolean): string {
  return onnx ? `onnx+${tf.getBackend()}` : tf.getBackend()
}

async function imagesDigest(source: TrainingClass, { signal, onProgress }: LongTaskOptions): Promise<string> {
  const pause = createPause('pretrain', signal)
  const digests: string[] = []
  for (let index = 0; index < source.images.length; index++) {
    await pause()
    digests.push(await contentDigest(await readTrainingImage(source, index)))
    onProgress?.({ phase: `digest ${source.name}`, done: index + 1, total: source.images.length })
  }
  return contentDigest(digests)
}

/**
 * Makes sure that a saved state is one of this training.
 * @throws INCOMPATIBLE naming the first field that differs
 */
export function checkIdentity(saved: object, identity: TrainingIdentity): void {
  const [theirs, ours] = [fields(saved), fields(identity)]
  for (const name of [...ours.keys(), ...theirs.keys()]) {
    if (ours.get(name) === theirs.get(name)) continue
    throw new TabError('INCOMPATIBLE', {
      where: 'pretrain, checkpoint',
      expected: `${name} ${ours.get(name) ?? '(none)'}, as this training has`,
      actual: `${theirs.get(name) ?? '(none)'} in the checkpoint: start anew, or give what it began with`,
    })
  }
}

/** `{a: {b: 1}}` as `a.b` and `1`; the parts of lists of objects are called by their names. */
function fields(value: object, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, part] of Object.entries(value) as [string, unknown][]) {
    const isObject = typeof part === 'object' && part !== null
    const { name } = (isObject ? part : {}) as { readonly name?: unknown }
    const named = Array.isArray(value) && typeof name === 'string' ? name : key
    const nested = isObject && !(Array.isArray(part) && part.every((item) => typeof item !== 'object'))
    if (!nested) found.set(`${prefix}${key}`, JSON.stringify(part))
    else for (const [field, text] of fields(part, `${prefix}${named}.`)) found.set(field, text)
  }
  return found
}
