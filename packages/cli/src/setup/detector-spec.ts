import { padim, patchCore } from '@tab/adapters'
import type { Backend, DetectorRecipe, FeatureExtractor } from '@tab/core'
import * as z from 'zod'

const layers = z.array(z.string().min(1)).min(1).optional()

/** Settings of each method by the names that the library has for them; a seed is given apart. */
export const DETECTOR_FIELDS = {
  patchcore: {
    method: z.literal('patchcore'),
    layers,
    coresetRatio: z.number().gt(0).max(1).optional(),
    projectionDimension: z.int().min(1).optional(),
    sigma: z.number().min(0).optional(),
  },
  padim: {
    method: z.literal('padim'),
    layers,
    dimensions: z.int().min(1).optional(),
    regularisation: z.number().gt(0).optional(),
    sigma: z.number().min(0).optional(),
  },
} as const

type Settings<Method extends keyof typeof DETECTOR_FIELDS> = z.output<z.ZodObject<(typeof DETECTOR_FIELDS)[Method]>>

/** A detection method and its settings, as plain data. */
export type DetectorSpec = Settings<'patchcore'> | Settings<'padim'>

/** Feature layers that a method takes unless told. */
const LAYERS = { patchcore: ['layer2', 'layer3'], padim: ['layer1', 'layer2', 'layer3'] } as const

export function layersOf(spec: DetectorSpec): readonly string[] {
  return spec.layers ?? LAYERS[spec.method]
}

/** The recipe of a spec. */
export function recipeOf(
  spec: DetectorSpec,
  parts: { readonly extractor: FeatureExtractor; readonly backend: Backend; readonly seed: number },
): DetectorRecipe {
  const { method, ...settings } = spec
  const options = { ...parts, ...withoutUndefined(settings) }
  return method === 'padim' ? padim(options) : patchCore(options)
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Defined<T>
}
