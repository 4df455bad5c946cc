import type { TextEmbedder } from '../text-embedder.ts'
import { ensure, ensureClose, ensureRefused, ensureShape } from './assertions.ts'
import { resolveRunner, type TestRunner } from './runner.ts'

export interface TextEmbedderSuiteOptions {
  readonly create: () => TextEmbedder | Promise<TextEmbedder>
  /** Texts that it can embed, at least two different ones. */
  readonly texts?: readonly string[]
  readonly runner?: TestRunner
}

/**
 * The contract of {@link TextEmbedder}: shape, unit length, order, the same vector in any batch, disposal.
 * @example
 * ```ts no-run: needs a test runner
 * import { describe, test } from 'node:test'
 * import { lexicalTextEmbedder } from '@tab/prompts'
 * import { describeTextEmbedder } from '@tab/core/testing'
 * describeTextEmbedder('mine', { create: () => lexicalTextEmbedder(), runner: { describe, test } })
 * ```
 */
export function describeTextEmbedder(
  name: string,
  { create, texts = ['a photo of a screw', 'a photo of a damaged screw', 'leather'], runner }: TextEmbedderSuiteOptions,
): void {
  const { describe, test } = resolveRunner(runner)

  describe(`TextEmbedder contract: ${name}`, () => {
    test('unit vectors in the order of the texts, the same alone, in a batch and from a second embedder', async () => {
      const [embedder, other] = [await create(), await create()]
      const rows = await embedder.embed(texts)
      const { dimension } = embedder
      ensureShape('embeddings', rows, [texts.length, dimension])
      ensure(embedder.id !== '' && other.id === embedder.id, `ids "${embedder.id}" and "${other.id}" of one model`)
      for (const [row, text] of texts.entries()) {
        const data = rows.data.slice(row * dimension, (row + 1) * dimension)
        const squared = data.reduce((sum, value) => sum + value * value, 0)
        ensure(Math.abs(squared - 1) < 1e-4, `"${text}": length ${Math.sqrt(squared)}, expected 1`)
        const wanted = { ...rows, shape: [1, dimension], data }
        ensureClose(`"${text}" alone`, await other.embed([text]), wanted, { absolute: 1e-5 })
      }
      embedder.dispose()
      other.dispose()
    })

    test('raw embeddings, where it has some, point where the unit vectors do', async () => {
      const embedder = await create()
      const { dimension } = embedder
      if (embedder.embedRaw) {
        const [raw, unit] = [await embedder.embedRaw(texts), await embedder.embed(texts)]
        ensureShape('raw embeddings', raw, [texts.length, dimension])
        const directions = raw.data.slice()
        for (let first = 0; first < directions.length; first += dimension) {
          const row = directions.subarray(first, first + dimension)
          const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0))
          row.forEach((value, i) => (row[i] = value / length))
        }
        ensureClose('raw embeddings over their length', { ...raw, data: directions }, unit, { absolute: 1e-5 })
      }
      embedder.dispose()
    })

    test('no texts give no rows', async () => {
      const embedder = await create()
      ensureShape('embeddings', await embedder.embed([]), [0, embedder.dimension])
      embedder.dispose()
    })

    test('dispose may be called again, and refuses every later use', async () => {
      const embedder = await create()
      await embedder.embed(texts.slice(0, 1))
      embedder.dispose()
      embedder.dispose()
      await ensureRefused('embed', 'DISPOSED', () => embedder.embed(texts))
    })
  })
}
