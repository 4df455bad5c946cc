import { TabError } from '@tab/core'
import type { ForeignDescription } from './foreign-model.ts'

/** The output of tokens after the last block, as ONNX exports of these families call it. */
export const TOKENS_OUTPUT = 'last_hidden_state'

interface Family {
  /** Class tokens before those of registers. */
  readonly classes: number
  readonly registers: number
  /** Where the configuration leaves them out, as it does with what the class has by default. */
  readonly patchSize: number
  readonly imageSize: number
}

/** Vision transformers by `model_type`, with the defaults of transformers 5. */
const FAMILIES: Readonly<Record<string, Family>> = {
  dinov2: { classes: 1, registers: 0, patchSize: 14, imageSize: 224 },
  dinov2_with_registers: { classes: 1, registers: 4, patchSize: 14, imageSize: 224 },
  dinov3_vit: { classes: 1, registers: 0, patchSize: 16, imageSize: 224 },
  clip_vision_model: { classes: 1, registers: 0, patchSize: 32, imageSize: 224 },
  siglip_vision_model: { classes: 0, registers: 0, patchSize: 16, imageSize: 224 },
}

const WHOLE: Readonly<Record<string, string>> = { clip: 'clip_vision_model', siglip: 'siglip_vision_model' }

/**
 * How to run the vision transformer that a folder of the hub holds, from what its `config.json` and `preprocessor_config.json` say.
 * @param where what errors call the folder
 * @param preprocessor undefined where there is none: mean and deviation must then be given
 * @returns a description without layers
 * @throws UNSUPPORTED for another family, INVALID_DATA naming the field
 */
export function describeVision(where: string, config: unknown, preprocessor: unknown): Partial<ForeignDescription> {
  const own = record(`${where}/config.json`, config)
  const { model_type: type } = own
  const whole = typeof type === 'string' && Object.hasOwn(WHOLE, type) ? WHOLE[type] : undefined
  const name = whole ?? (typeof type === 'string' ? type : '')
  const family = Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined
  if (!family) {
    const expected = `model_type among ${[...Object.keys(FAMILIES), ...Object.keys(WHOLE)].join(', ')}; others can be described by layers, mean, std and tokens`
    throw new TabError('UNSUPPORTED', {
      where: `${where}/config.json`,
      expected,
      actual: JSON.stringify(type) ?? 'none',
    })
  }
  const file = `${where}/config.json`
  const vision = whole ? record(`${file}: vision_config`, own['vision_config']) : own
  const count = (field: string, usual: number, least: number): number => {
    const value = vision[field] ?? usual
    if (Number.isSafeInteger(value) && (value as number) >= least) return value as number
    const actual = JSON.stringify(value) ?? String(value)
    throw new TabError('INVALID_DATA', { where: file, expected: `${field}: a whole number from ${least}`, actual })
  }
  const tokens = {
    patchSize: count('patch_size', family.patchSize, 1),
    prefix: family.classes + (name.startsWith('dino') ? count('num_register_tokens', family.registers, 0) : 0),
    imageSize: count('image_size', family.imageSize, 1),
  }
  return {
    ...(preprocessor === undefined ? {} : normalization(`${where}/preprocessor_config.json`, preprocessor)),
    tokens,
  }
}

/** @throws INVALID_DATA for levels that are not divided by 255 first */
function normalization(where: string, preprocessor: unknown): Pick<ForeignDescription, 'mean' | 'std'> | object {
  const { do_normalize, image_mean, image_std, rescale_factor = 1 / 255 } = record(where, preprocessor)
  if (typeof rescale_factor !== 'number' || Math.abs(rescale_factor * 255 - 1) > 1e-6) {
    const actual = JSON.stringify(rescale_factor) ?? String(rescale_factor)
    throw new TabError('INVALID_DATA', { where, expected: 'rescale_factor 1 / 255, for images in [0,1]', actual })
  }
  if (do_normalize === false) return { mean: [0, 0, 0], std: [1, 1, 1] }
  if (image_mean === undefined && image_std === undefined) return {}
  for (const [field, value] of Object.entries({ image_mean, image_std })) {
    const least = field === 'image_std' ? 0 : -Infinity // features divided by 0 would be the same for every image
    if (Array.isArray(value) && value.length === 3 && value.every((part) => Number.isFinite(part) && part > least))
      continue
    const actual = JSON.stringify(value) ?? String(value)
    const expected = `${field}: three numbers${least === 0 ? ' above 0' : ''}`
    throw new TabError('INVALID_DATA', { where, expected, actual })
  }
  return { mean: image_mean, std: image_std }
}

function record(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new TabError('INVALID_DATA', { where, expected: 'an object', actual: JSON.stringify(value) ?? String(value) })
}
