import { firstNonFinite, readSafetensors, TabError, writeSafetensors, type Tensor } from '@tab/core'
import type { Stage } from './architecture.ts'

/** What a pre-training leaves besides the backbone: its projections to the text space, and the texts they were aligned with. */
export interface Alignment {
  /** Weights of the heads by name, linear layers [in,out]. */
  readonly heads: ReadonlyMap<string, Tensor>
  /** Unit vectors of each class, [D]. */
  readonly prototypes: ReadonlyMap<string, { readonly normal: Tensor; readonly abnormal: Tensor }>
  readonly imageLayer: Stage
  readonly patchLayers: readonly Stage[]
  readonly sharedHead: boolean
  /** Digest of the backbone that it belongs to. */
  readonly backbone: string
}

const SCHEMA = 'tab.alignment/1'

/** An alignment as a safetensors file. */
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
 * Reads what {@link saveAlignment} wrote.
 * @throws INVALID_DATA for another or a damaged file, INCOMPATIBLE for a newer schema
 */
export function loadAlignment(bytes: Uint8Array): Alignment {
  const { entries, metadata } = readSafetensors(bytes)
  const where = 'loadAlignment'
  const text = metadata['tab.alignment']
  if (text === undefined) {
    throw new TabError('INVALID_DATA', { where, expected: 'an alignment file', actual: 'a file without tab.alignment' })
  }
  const { schema, classes, ...rest } = parsed(where, text)
  if (schema !== SCHEMA) throw new TabError('INCOMPATIBLE', { where, expected: SCHEMA, actual: schema })
  const of = (name: string): Tensor => {
    const entry = entries.get(name)
    if (!entry) throw new TabError('INVALID_DATA', { where, expected: `a tensor "${name}"`, actual: 'none' })
    const found = entry.toTensor() as Tensor
    const wrong = firstNonFinite(found.data)
    if (wrong < 0) return found
    throw new TabError('INVALID_DATA', {
      where,
      expected: `finite numbers in "${name}"`,
      actual: String(found.data[wrong]),
    })
  }
  const headNames = [...entries.keys()].filter((name) => name.startsWith('heads/'))
  return {
    ...rest,
    heads: new Map(headNames.map((name) => [name.slice('heads/'.length), of(name)])),
    prototypes: new Map(
      classes.map((name) => [
        name,
        { normal: of(`prototypes/normal/${name}`), abnormal: of(`prototypes/abnormal/${name}`) },
      ]),
    ),
  }
}

function parsed(where: string, text: string): Alignment & { readonly schema: string; readonly classes: string[] } {
  try {
    return JSON.parse(text) as Alignment & { schema: string; classes: string[] }
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where, message: 'tab.alignment is not JSON', cause })
  }
}
