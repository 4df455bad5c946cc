import { firstNonFinite, parseJson, readSafetensors, TabError, writeSafetensors, type Tensor } from '@tab/core'
import type { Prototype, TextPrototypes } from './encode-prompts.ts'

const SCHEMA = 'tab.text-prototypes/1'

/**
 * Encodes prototypes as a safetensors file: tensors `normal` and `abnormal` [D], everything else in the metadata.
 * @example
 * ```ts
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder, loadPrototypes, savePrototypes } from '@tab/prompts'
 * const prototypes = await encodePrompts(industrialPrompts('screw'), lexicalTextEmbedder())
 * const bytes = savePrototypes(prototypes)
 * console.log(loadPrototypes(bytes).cosine === prototypes.cosine) // true
 * ```
 */
export function savePrototypes({ normal, abnormal, cosine, embedder }: TextPrototypes): Uint8Array {
  const numbersOf = ({ count, concentration }: Prototype): object => ({ count, concentration })
  const numbers = { cosine, normal: numbersOf(normal), abnormal: numbersOf(abnormal) }
  const metadata = { schema: SCHEMA, embedder, numbers: JSON.stringify(numbers) }
  return writeSafetensors({ normal: normal.vector, abnormal: abnormal.vector }, metadata)
}

/**
 * Decodes prototypes from a file of {@link savePrototypes}.
 * @throws INVALID_DATA unless the bytes hold prototypes of this schema
 * @example
 * ```ts
 * import { encodePrompts, industrialPrompts, lexicalTextEmbedder, loadPrototypes, savePrototypes } from '@tab/prompts'
 * const prototypes = await encodePrompts(industrialPrompts('screw'), lexicalTextEmbedder())
 * const bytes = savePrototypes(prototypes)
 * console.log(loadPrototypes(bytes).cosine === prototypes.cosine) // true
 * ```
 */
export function loadPrototypes(bytes: Uint8Array): TextPrototypes {
  const { entries, metadata } = readSafetensors(bytes)
  const refuse = (actual: string): never => {
    throw new TabError('INVALID_DATA', { where: 'loadPrototypes', expected: `a file of schema ${SCHEMA}`, actual })
  }
  if (metadata['schema'] !== SCHEMA) refuse(metadata['schema'] ?? 'no schema')
  const vector = (name: string): Tensor => {
    const entry = entries.get(name)?.toTensor()
    if (entry?.dtype !== 'float32' || entry.shape.length !== 1) return refuse(`no vector "${name}"`)
    const wrong = firstNonFinite(entry.data)
    return wrong < 0 ? (entry as Tensor) : refuse(`a vector "${name}" that holds ${entry.data[wrong]}`)
  }
  const numbers = parse(metadata['numbers'])
  if (!numbers) return refuse('no numbers')
  const [normal, abnormal] = [vector('normal'), vector('abnormal')]
  if (normal.data.length !== abnormal.data.length) return refuse('vectors of two lengths')
  return {
    normal: { vector: normal, ...numbers.normal },
    abnormal: { vector: abnormal, ...numbers.abnormal },
    cosine: numbers.cosine,
    embedder: metadata['embedder'] ?? '',
  }
}

interface Numbers {
  readonly cosine: number
  readonly normal: Omit<Prototype, 'vector'>
  readonly abnormal: Omit<Prototype, 'vector'>
}

function parse(text: string | undefined): Numbers | undefined {
  try {
    const numbers = parseJson(text ?? 'null') as Partial<Numbers> | null
    const complete = [numbers?.normal, numbers?.abnormal].every(
      (side) => Number.isSafeInteger(side?.count) && Number.isFinite(side?.concentration),
    )
    return complete && Number.isFinite(numbers?.cosine) ? (numbers as Numbers) : undefined
  } catch {
    return undefined
  }
}
