import { adapt, padim, patchCore } from '@tab/adapters'
import type { AnomalySynthesizer, Backend, DetectorRecipe, FeatureExtractor, Tensor } from '@tab/core'
import * as z from 'zod'
import { specOf } from './anomaly-kinds.ts'

/** A field that may be absent. */
export type OptionalField<T extends z.ZodType> = z.ZodOptional<T>
/** Names of feature layers, one or more. */
export type LayersField = OptionalField<z.ZodReadonly<z.ZodArray<z.ZodString>>>
/** One of some names. */
export type ChoiceField<Name extends string> = OptionalField<z.ZodEnum<{ [N in Name]: N }>>

const layers: LayersField = z.array(z.string().min(1)).min(1).readonly().optional()
const sigma: OptionalField<z.ZodNumber> = z.number().min(0).max(100).optional()

/** The schema of each method's fields. */
export interface DetectorFields {
  readonly patchcore: {
    readonly method: z.ZodLiteral<'patchcore'>
    readonly layers: LayersField
    readonly features: ChoiceField<'concatenated' | 'reference'>
    readonly neighbors: OptionalField<z.ZodInt>
    readonly reweighting: OptionalField<z.ZodInt>
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

export type DetectorMethod = keyof DetectorFields
export const DETECTOR_METHODS = Object.keys(DETECTOR_FIELDS) as readonly DetectorMethod[]

/** A method and its settings, as plain data. */
export type DetectorSettings<Method extends DetectorMethod> = z.output<z.ZodObject<DetectorFields[Method]>>

/** A method that learns from good images, and its settings, as plain data. */
export type LearningSpec = DetectorSettings<'patchcore'> | DetectorSettings<'padim'>

/** A detection method and its settings, as plain data. */
export type DetectorSpec = LearningSpec | DetectorSettings<'text-guided'>

const PATCHCORE = refinePatchCore(z.strictObject(DETECTOR_FIELDS.patchcore))
const PADIM = z.strictObject(DETECTOR_FIELDS.padim)
const TEXT_GUIDED = z.strictObject(DETECTOR_FIELDS['text-guided'])

export const LEARNING_SPEC: z.ZodType<LearningSpec> = z.discriminatedUnion('method', [PATCHCORE, PADIM])
export const DETECTOR_SPEC: z.ZodType<DetectorSpec> = z.discriminatedUnion('method', [PATCHCORE, PADIM, TEXT_GUIDED])

/** Feature layers that a method takes unless told. */
const LAYERS = { patchcore: ['layer2', 'layer3'], padim: ['layer1', 'layer2', 'layer3'] } as const

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
): Readonly<Record<string, string | number | boolean | readonly string[]>> {
  const { method, ...settings } = spec
  const set = withoutUndefined<Record<string, string | number | boolean | readonly string[] | undefined>>(settings)
  if (method === 'text-guided') return { layers, ...set }
  const size = method === 'padim' ? { dimensions: 100 } : 'coresetSize' in set ? {} : { coresetRatio: 0.1 }
  return { layers, ...size, ...set, seed }
}

/** The recipe of a spec. */
export function recipeOf(
  spec: LearningSpec,
  parts: { readonly extractor: FeatureExtractor; readonly backend: Backend; readonly seed: number },
): DetectorRecipe {
  if (spec.method === 'padim') return padim({ ...parts, ...settingsOf(spec) })
  const { adapt: isAdapted = false, ...settings } = settingsOf(spec)
  if (!isAdapted) return patchCore({ ...parts, ...settings })
  const recipe = (extractor: FeatureExtractor): DetectorRecipe => patchCore({ ...parts, ...settings, extractor })
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

function settingsOf<T extends LearningSpec>({ method: _, ...settings }: T): Defined<Omit<T, 'method'>> {
  return withoutUndefined(settings)
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Settings as the library takes them: what is not given is not there. */
export function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>
}
