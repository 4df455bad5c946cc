import { adapt, padim, patchCore, subspace } from '@tab/adapters'
import type { AnomalySynthesizer, Backend, DetectorRecipe, FeatureExtractor, Tensor } from '@tab/core'
import type { Symmetry } from '@tab/data'
import * as z from 'zod'
import { augmentedRecipe, symmetriesOf } from '../fit/augmented-recipe.ts'
import { specOf } from './anomaly-kinds.ts'

/** A field that may be absent. */
export type OptionalField<T extends z.ZodType> = z.ZodOptional<T>
/** Names of feature layers, one or more. */
export type LayersField = OptionalField<z.ZodReadonly<z.ZodArray<z.ZodString>>>
/** One of some names. */
export type ChoiceField<Name extends string> = OptionalField<z.ZodEnum<{ [N in Name]: N }>>

/** `max`, or the mean of the highest share of the patches. */
export type ImageScoreField = OptionalField<
  z.ZodUnion<readonly [z.ZodLiteral<'max'>, z.ZodObject<{ readonly topShare: z.ZodNumber }, z.core.$strict>]>
>
/** Numbers, one or more. */
export type NumbersField = OptionalField<z.ZodReadonly<z.ZodArray<z.ZodNumber>>>

const layers: LayersField = z.array(z.string().min(1)).min(1).readonly().optional()
const sigma: OptionalField<z.ZodNumber> = z.number().min(0).max(100).optional()

const imageScore: ImageScoreField = z
  .union([z.literal('max'), z.strictObject({ topShare: z.number().gt(0).max(1) })])
  .optional()
const scales: NumbersField = z.array(z.number().gt(0).max(1)).min(1).readonly().optional()
const flag: OptionalField<z.ZodBoolean> = z.boolean().optional()

/** The schema of each method's fields. */
export interface DetectorFields {
  readonly patchcore: {
    readonly method: z.ZodLiteral<'patchcore'>
    readonly layers: LayersField
    readonly features: ChoiceField<'concatenated' | 'reference'>
    readonly neighbors: OptionalField<z.ZodInt>
    readonly reweighting: OptionalField<z.ZodInt>
    readonly imageScore: ImageScoreField
    readonly position: OptionalField<z.ZodNumber>
    readonly scales: NumbersField
    readonly rotations: OptionalField<z.ZodBoolean>
    readonly flips: OptionalField<z.ZodBoolean>
    readonly coresetRatio: OptionalField<z.ZodNumber>
    readonly coresetSize: OptionalField<z.ZodInt>
    readonly projectionDimension: OptionalField<z.ZodInt>
    readonly memoryLimit: OptionalField<z.ZodInt>
    readonly adapt: OptionalField<z.ZodBoolean>
    readonly sigma: OptionalField<z.ZodNumber>
  }
  readonly padim: {
    readonly method: z.ZodLiteral<'padim'>
    readonly layers: LayersField
    readonly dimensions: OptionalField<z.ZodInt>
    readonly interpolation: ChoiceField<'bilinear' | 'nearest'>
    readonly regularisation: OptionalField<z.ZodNumber>
    readonly sigma: OptionalField<z.ZodNumber>
  }
  readonly subspace: {
    readonly method: z.ZodLiteral<'subspace'>
    readonly layers: LayersField
    readonly explainedVariance: OptionalField<z.ZodNumber>
    readonly components: OptionalField<z.ZodInt>
    readonly imageScore: ImageScoreField
    readonly scales: NumbersField
    readonly rotations: OptionalField<z.ZodBoolean>
    readonly flips: OptionalField<z.ZodBoolean>
    readonly sigma: OptionalField<z.ZodNumber>
  }
  readonly 'text-guided': {
    readonly method: z.ZodLiteral<'text-guided'>
    readonly class: OptionalField<z.ZodString>
    readonly patchWeight: OptionalField<z.ZodNumber>
    readonly sigma: OptionalField<z.ZodNumber>
  }
}

/** Settings of each method by the names that the library has for them; a seed is given apart. */
export const DETECTOR_FIELDS: DetectorFields = {
  patchcore: {
    method: z.literal('patchcore'),
    layers,
    features: z.enum(['concatenated', 'reference']).optional(),
    neighbors: z.int().min(1).optional(),
    reweighting: z.int().min(2).optional(),
    imageScore,
    /** Share of the image's height and width. */
    position: z.number().min(0).max(1).optional(),
    scales,
    /** Fit on copies in quarter turns too. */
    rotations: flag,
    /** Fit on mirror images too. */
    flips: flag,
    coresetRatio: z.number().gt(0).max(1).optional(),
    coresetSize: z.int().min(1).optional(),
    projectionDimension: z.int().min(1).optional(),
    /** In bytes. */
    memoryLimit: z.int().min(1).optional(),
    /** Adapt the features to the part, from its good images and synthetic anomalies of them. */
    adapt: z.boolean().optional(),
    sigma,
  },
  padim: {
    method: z.literal('padim'),
    layers,
    dimensions: z.int().min(1).optional(),
    interpolation: z.enum(['bilinear', 'nearest']).optional(),
    regularisation: z.number().gt(0).optional(),
    sigma,
  },
  subspace: {
    method: z.literal('subspace'),
    layers,
    explainedVariance: z.number().gt(0).lt(1).optional(),
    components: z.int().min(0).optional(),
    imageScore,
    scales,
    rotations: flag,
    flips: flag,
    sigma,
  },
  'text-guided': {
    method: z.literal('text-guided'),
    /** Of the pre-training. */
    class: z.string().min(1).optional(),
    patchWeight: z.number().min(0).max(1).optional(),
    sigma,
  },
}

/** PatchCore's settings, some of which exclude each other. */
interface PatchCoreFields {
  readonly coresetRatio?: number | undefined
  readonly coresetSize?: number | undefined
  readonly features?: 'concatenated' | 'reference' | undefined
  readonly adapt?: boolean | undefined
}

/** The schema of PatchCore's settings without those that exclude each other. */
export function refinePatchCore<T extends z.ZodType<PatchCoreFields>>(schema: T): T {
  return schema
    .refine(({ coresetRatio, coresetSize }) => coresetRatio === undefined || coresetSize === undefined, {
      message: 'coresetRatio or coresetSize, not both',
    })
    .refine(({ adapt, features }) => !adapt || features !== 'reference', {
      path: ['adapt'],
      message: 'learns concatenated features; leave it out with reference features',
    })
}

/** The schema of the subspace's settings with the share of the variance or the number of components, not both. */
export function refineComponents<
  T extends z.ZodType<{ explainedVariance?: number | undefined; components?: number | undefined }>,
>(schema: T): T {
  return schema.refine(
    ({ explainedVariance, components }) => explainedVariance === undefined || components === undefined,
    { message: 'explainedVariance or components, not both' },
  )
}

export type DetectorMethod = keyof DetectorFields
export const DETECTOR_METHODS = Object.keys(DETECTOR_FIELDS) as readonly DetectorMethod[]

/** A method and its settings, as plain data. */
export type DetectorSettings<Method extends DetectorMethod> = z.output<z.ZodObject<DetectorFields[Method]>>

/** A method that learns from good images, and its settings, as plain data. */
export type LearningSpec = DetectorSettings<'patchcore'> | DetectorSettings<'padim'> | DetectorSettings<'subspace'>

/** A detection method and its settings, as plain data. */
export type DetectorSpec = LearningSpec | DetectorSettings<'text-guided'>

const PATCHCORE = refinePatchCore(z.strictObject(DETECTOR_FIELDS.patchcore))
const PADIM = z.strictObject(DETECTOR_FIELDS.padim)
const SUBSPACE = refineComponents(z.strictObject(DETECTOR_FIELDS.subspace))
const TEXT_GUIDED = z.strictObject(DETECTOR_FIELDS['text-guided'])

export const LEARNING_SPEC: z.ZodType<LearningSpec> = z.discriminatedUnion('method', [PATCHCORE, PADIM, SUBSPACE])
export const DETECTOR_SPEC: z.ZodType<DetectorSpec> = z.discriminatedUnion('method', [
  PATCHCORE,
  PADIM,
  SUBSPACE,
  TEXT_GUIDED,
])

/** Feature layers that a method takes unless told. */
const LAYERS = {
  patchcore: ['layer2', 'layer3'],
  padim: ['layer1', 'layer2', 'layer3'],
  subspace: ['layer2', 'layer3'],
} as const

/**
 * Feature layers that a spec asks for.
 * @param usual of a backbone with layers of other names, those that it is known by
 */
export function layersOf(spec: LearningSpec, usual: readonly string[] = LAYERS[spec.method]): readonly string[] {
  return spec.layers ?? usual
}

/** What a run with a spec was made with, for the record: those defaults too that are most often changed. */
export function optionsOf(
  spec: DetectorSpec,
  layers: readonly string[],
  seed: number,
): Readonly<Record<string, OptionValue>> {
  const { method, ...settings } = spec
  const set = withoutUndefined<Record<string, OptionValue | { readonly topShare: number } | undefined>>(settings)
  const written = Object.fromEntries(Object.entries(set).map(([name, value]) => [name, writtenOut(value)]))
  if (method === 'text-guided') return { layers, ...written }
  return { layers, ...usual(spec), ...written, seed }
}

type OptionValue = string | number | boolean | readonly (string | number)[]

function writtenOut(value: OptionValue | { readonly topShare: number }): OptionValue {
  return typeof value === 'object' && 'topShare' in value ? `mean of the highest ${value.topShare}` : value
}

/** The default that decides the size of a detector. */
function usual(spec: LearningSpec): Readonly<Record<string, number>> {
  if (spec.method === 'padim') return { dimensions: 100 }
  if (spec.method === 'subspace') return spec.components === undefined ? { explainedVariance: 0.99 } : {}
  return spec.coresetSize === undefined ? { coresetRatio: 0.1 } : {}
}

/** The turned and mirrored copies of good images that a spec asks for. */
export function copiesOf(spec: DetectorSpec): readonly Symmetry[] {
  return spec.method === 'patchcore' || spec.method === 'subspace' ? symmetriesOf(spec) : []
}

/** The recipe of a spec. */
export function recipeOf(
  spec: LearningSpec,
  parts: { readonly extractor: FeatureExtractor; readonly backend: Backend; readonly seed: number },
): DetectorRecipe {
  if (spec.method === 'padim') return padim({ ...parts, ...settingsOf(spec) })
  const copies = copiesOf(spec)
  if (spec.method === 'subspace') {
    const { extractor, backend } = parts
    return augmentedRecipe(subspace({ extractor, backend, ...settingsOf(spec) }), copies)
  }
  const { adapt: isAdapted = false, ...settings } = settingsOf(spec)
  const recipe = (extractor: FeatureExtractor): DetectorRecipe =>
    augmentedRecipe(patchCore({ ...parts, ...settings, extractor }), copies)
  if (!isAdapted) return recipe(parts.extractor)
  return adapt({ ...parts, layers: layersOf(spec), synthesizer: anomaliesOf, recipe })
}

/** The spec of a method that looks at the features as they are. */
export function withoutAdaptation(spec: LearningSpec): LearningSpec {
  return spec.method === 'patchcore' ? { ...spec, adapt: undefined } : spec
}

/** What features are adapted with: the anomalies of pre-training, Poisson patches taken from the same good images. */
async function anomaliesOf(normals: readonly Tensor[]): Promise<AnomalySynthesizer> {
  const { synthesizerOf } = await import('@tab/synth') // which a page that does not adapt does not load
  return synthesizerOf(specOf('recipe-with-thin', normals))
}

const OF_THE_FIT = ['method', 'rotations', 'flips'] as const

/** What a method itself takes. */
function settingsOf<S extends LearningSpec>(spec: S): Defined<Omit<S, (typeof OF_THE_FIT)[number]>> {
  const own = Object.entries(spec).filter(([name]) => !(OF_THE_FIT as readonly string[]).includes(name))
  return withoutUndefined(Object.fromEntries(own)) as Defined<Omit<S, (typeof OF_THE_FIT)[number]>>
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Settings as the library takes them: what is not given is not there. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>
}
