import {
  assertTensor,
  createLifetime,
  parseJson,
  readSafetensors,
  TabError,
  tensor,
  writeSafetensors,
  type Tensor,
  type TextEmbedder,
} from '@tab/core'
import { l2Norm } from './l2-norm.ts'

/** Texts and their embeddings, computed once by a text model. */
export interface EmbeddingTable {
  /** The id of the embedder that computed them. */
  readonly id: string
  readonly texts: readonly string[]
  /** [N,D], one row per text, raw where the text model gives raw embeddings; normalised to L2 norm 1 when looked up. */
  readonly embeddings: Tensor
}

const SCHEMA = 'tab.text-embeddings/1'

/**
 * An embedder that looks up texts, so that a fixed ensemble needs no text model at run time, in Node or in the browser.
 * @throws INVALID_ARGUMENT if the number of texts and rows differ; NUMERICAL for a row that is zero or not finite. Its `embed` throws
 *   NOT_FOUND for a text that is not in the table.
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { embeddingTable } from '@tab/prompts'
 * const embeddings = tensor([2, 2], Float32Array.of(3, 4, 0, 1))
 * const embedder = embeddingTable({ id: 'mine', texts: ['a screw', 'a damaged screw'], embeddings })
 * console.log((await embedder.embed(['a damaged screw', 'a screw'])).data[1]) // 1
 * ```
 */
export function embeddingTable({ id, texts, embeddings }: EmbeddingTable): TextEmbedder {
  assertTensor('embeddingTable', 'embeddings', embeddings, [texts.length, 'D'])
  const dimension = embeddings.shape[1] as number
  const rows = new Map(texts.map((text, row) => [text, checkedRow(embeddings, row, text)]))
  const lifetime = createLifetime('embeddingTable')
  const lookUp = (asked: readonly string[], rowOf: (row: Row) => Float32Array): Tensor => {
    const data = new Float32Array(asked.length * dimension)
    asked.forEach((text, place) => {
      const row = rows.get(text)
      if (!row) {
        throw new TabError('NOT_FOUND', {
          where: `embeddingTable ${id}`,
          expected: `one of its ${rows.size} texts`,
          actual: JSON.stringify(text),
        })
      }
      data.set(rowOf(row), place * dimension)
    })
    return tensor([asked.length, dimension], data)
  }
  return {
    id,
    dimension,
    async embed(asked) {
      lifetime.check('embed')
      return lookUp(asked, ({ raw, norm }) => raw.map((value) => value / norm))
    },
    async embedRaw(asked) {
      lifetime.check('embedRaw')
      return lookUp(asked, ({ raw }) => raw)
    },
    dispose() {
      if (lifetime.end()) rows.clear()
    },
  }
}

interface Row {
  readonly raw: Float32Array
  readonly norm: number
}

function checkedRow({ shape, data }: Tensor, row: number, text: string): Row {
  const dimension = shape[1] as number
  const raw = data.subarray(row * dimension, (row + 1) * dimension)
  const norm = l2Norm(raw)
  if (Number.isFinite(norm) && norm > 0) return { raw, norm }
  throw new TabError('NUMERICAL', {
    where: 'embeddingTable',
    expected: 'rows must be finite and not zero',
    actual: `a row of length ${norm} for ${JSON.stringify(text)}`,
  })
}

/**
 * Embeds texts into a table for {@link saveEmbeddingTable} or {@link embeddingTable}, raw where the embedder gives raw embeddings.
 * @example
 * ```ts
 * import { industrialPrompts, lexicalTextEmbedder, makeEmbeddingTable } from '@tab/prompts'
 * const { normal, abnormal } = industrialPrompts('screw', { preset: 'winclip' })
 * const table = await makeEmbeddingTable(lexicalTextEmbedder(), [...normal, ...abnormal])
 * console.log(table.texts.length === normal.length + abnormal.length, table.embeddings.shape[1]) // true 64
 * ```
 */
export async function makeEmbeddingTable(embedder: TextEmbedder, texts: readonly string[]): Promise<EmbeddingTable> {
  const unique = [...new Set(texts)]
  const embeddings = await (embedder.embedRaw ? embedder.embedRaw(unique) : embedder.embed(unique))
  return { id: embedder.id, texts: unique, embeddings }
}

/**
 * Encodes a table as a safetensors file.
 * @example
 * ```ts
 * import { lexicalTextEmbedder, loadEmbeddingTable, makeEmbeddingTable, saveEmbeddingTable } from '@tab/prompts'
 * const table = await makeEmbeddingTable(lexicalTextEmbedder(), ['a screw', 'a damaged screw'])
 * const bytes = saveEmbeddingTable(table)
 * console.log(loadEmbeddingTable(bytes).texts) // [ 'a screw', 'a damaged screw' ]
 * ```
 */
export function saveEmbeddingTable({ id, texts, embeddings }: EmbeddingTable): Uint8Array {
  return writeSafetensors({ embeddings }, { schema: SCHEMA, id, texts: JSON.stringify(texts) })
}

/**
 * Decodes a table from a file of {@link saveEmbeddingTable}.
 * @throws INVALID_DATA unless the bytes hold a table of this schema
 * @example
 * ```ts
 * import { lexicalTextEmbedder, loadEmbeddingTable, makeEmbeddingTable, saveEmbeddingTable } from '@tab/prompts'
 * const table = await makeEmbeddingTable(lexicalTextEmbedder(), ['a screw', 'a damaged screw'])
 * const bytes = saveEmbeddingTable(table)
 * console.log(loadEmbeddingTable(bytes).texts) // [ 'a screw', 'a damaged screw' ]
 * ```
 */
export function loadEmbeddingTable(bytes: Uint8Array): EmbeddingTable {
  const { entries, metadata } = readSafetensors(bytes)
  const embeddings = entries.get('embeddings')?.toTensor()
  if (metadata['schema'] !== SCHEMA || embeddings?.dtype !== 'float32') {
    throw new TabError('INVALID_DATA', {
      where: 'loadEmbeddingTable',
      expected: `a file of schema ${SCHEMA} with float32 embeddings`,
      actual: metadata['schema'] ?? 'no schema',
    })
  }
  return { id: metadata['id'] ?? '', texts: textsOf(metadata['texts']), embeddings: embeddings as Tensor }
}

function textsOf(list: string | undefined): string[] {
  try {
    const texts = parseJson(list ?? '[]')
    if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts
  } catch {
    // invalid JSON is refused like JSON of another form
  }
  throw new TabError('INVALID_DATA', { where: 'loadEmbeddingTable', expected: 'a list of texts', actual: String(list) })
}
