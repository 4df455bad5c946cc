import {
  assertKnownKeys,
  firstNonFinite,
  formatShape,
  parseJson,
  readSafetensors,
  TabError,
  writeSafetensors,
  type Tensor,
} from '@tab/core'
import { STAGES, type Stage } from './architecture.ts'

/** What pre-training produces besides the backbone: the projections to the text space, and the text prototypes they were aligned with. */
export interface Alignment {
  /** Weights of the projection heads by name; linear layers are [in,out]. */
  readonly heads: ReadonlyMap<string, Tensor>
  /** Unit vectors [D] of each class. */
  readonly prototypes: ReadonlyMap<string, { readonly normal: Tensor; readonly abnormal: Tensor }>
  readonly imageLayer: Stage
  readonly patchLayers: readonly Stage[]
  readonly sharedHead: boolean
  /** Digest of the backbone it belongs to. */
  readonly backbone: string
}

const SCHEMA = 'tab.alignment/1'

/**
 * Saves an alignment as a safetensors file.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { loadAlignment, saveAlignment } from '@tab/model'
 *
 * const vector = tensor([2], Float32Array.of(1, 0))
 * const file = saveAlignment({
 *   heads: new Map([['logScale', tensor([], Float32Array.of(2.6))]]),
 *   prototypes: new Map([['washer', { normal: vector, abnormal: vector }]]),
 *   imageLayer: 'layer3',
 *   patchLayers: ['layer2', 'layer3'],
 *   sharedHead: true,
 *   backbone: '36c1a0ddeb7a8d0c',
 * })
 * console.log([...loadAlignment(file).prototypes.keys()]) // [ 'washer' ]
 * ```
 */
export function saveAlignment({ heads, prototypes, ...rest }: Alignment): Uint8Array {
  const tensors = new Map([...heads].map(([name, head]) => [`heads/${name}`, head]))
  for (const [name, { normal, abnormal }] of prototypes) {
    tensors.set(`prototypes/normal/${name}`, normal)
    tensors.set(`prototypes/abnormal/${name}`, abnormal)
  }
  return writeSafetensors(tensors, {
    'tab.alignment': JSON.stringify({ schema: SCHEMA, classes: [...prototypes.keys()], ...rest }),
  })
}

/**
 * Reads an alignment that {@link saveAlignment} wrote.
 * @throws INVALID_DATA for another or a damaged file, INCOMPATIBLE for a newer schema
 * @example
 * ```ts
 * import { loadAlignment, saveAlignment } from '@tab/model'
 *
 * const nothing = { heads: new Map(), prototypes: new Map(), backbone: '36c1a0ddeb7a8d0c', sharedHead: true }
 * const file = saveAlignment({ ...nothing, imageLayer: 'layer3', patchLayers: ['layer2', 'layer3'] }) // in practice a file of tab pretrain
 * console.log(loadAlignment(file).patchLayers) // [ 'layer2', 'layer3' ]
 * ```
 */
export function loadAlignment(bytes: Uint8Array): Alignment {
  const { entries, metadata } = readSafetensors(bytes)
  const where = 'loadAlignment'
  const text = metadata['tab.alignment']
  if (text === undefined) {
    throw new TabError('INVALID_DATA', { where, expected: 'an alignment file', actual: 'a file without tab.alignment' })
  }
  const { classes, ...rest } = parsed(where, text)
  const of = (name: string): Tensor => {
    const entry = entries.get(name)
    if (!entry) throw new TabError('INVALID_DATA', { where, expected: `a tensor "${name}"`, actual: 'none' })
    const found = entry.toTensor() as Tensor
    if (found.dtype !== 'float32') {
      throw new TabError('INVALID_DATA', { where, expected: `float32 in "${name}"`, actual: found.dtype })
    }
    const wrong = firstNonFinite(found.data)
    if (wrong < 0) return found
    throw new TabError('INVALID_DATA', {
      where,
      expected: `finite numbers in "${name}"`,
      actual: String(found.data[wrong]),
    })
  }
  const vectors = (name: string): { normal: Tensor; abnormal: Tensor } => {
    const [normal, abnormal] = [of(`prototypes/normal/${name}`), of(`prototypes/abnormal/${name}`)]
    if (normal.shape.length === 1 && normal.shape[0] === abnormal.shape[0] && abnormal.shape.length === 1) {
      return { normal, abnormal }
    }
    const actual = `${formatShape(normal.shape)} and ${formatShape(abnormal.shape)}`
    throw new TabError('INVALID_DATA', { where, expected: `two vectors [D] of "${name}"`, actual })
  }
  const headNames = [...entries.keys()].filter((name) => name.startsWith('heads/'))
  return {
    ...rest,
    heads: new Map(headNames.map((name) => [name.slice('heads/'.length), of(name)])),
    prototypes: new Map(classes.map((name) => [name, vectors(name)])),
  }
}

const KEYS = ['schema', 'classes', 'imageLayer', 'patchLayers', 'sharedHead', 'backbone'] as const

/** What an alignment file says besides its tensors. */
type Description = Omit<Alignment, 'heads' | 'prototypes'> & { readonly classes: readonly string[] }

function parsed(where: string, text: string): Description {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where, message: 'tab.alignment is not JSON', cause })
  }
  const { schema, ...found } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  if (schema !== SCHEMA) {
    throw new TabError('INCOMPATIBLE', { where, expected: SCHEMA, actual: JSON.stringify(schema) ?? 'none' })
  }
  assertKnownKeys(where, found, KEYS)
  const { classes, imageLayer, patchLayers, sharedHead, backbone } = found
  const isStage = (name: unknown): name is Stage => STAGES.includes(name as Stage)
  const sound =
    Array.isArray(classes) &&
    classes.every((name) => typeof name === 'string') &&
    new Set(classes).size === classes.length &&
    isStage(imageLayer) &&
    Array.isArray(patchLayers) &&
    patchLayers.every(isStage) &&
    typeof sharedHead === 'boolean' &&
    typeof backbone === 'string'
  if (sound) return { classes, imageLayer, patchLayers, sharedHead, backbone }
  const expected = `tab.alignment with classes, imageLayer and patchLayers (${STAGES.join(', ')}), sharedHead and backbone`
  throw new TabError('INVALID_DATA', { where, expected, actual: text.slice(0, 200) })
}
