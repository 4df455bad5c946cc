import { describe, expect, test } from '@jest/globals'
import {
  createRng,
  referenceBackend,
  tensor,
  tensorOf,
  type AnomalySynthesizer,
  type Backend,
  type FeatureExtractor,
  type TextEmbedder,
} from '@tab/core'
import {
  describeBackend,
  describeExtractor,
  describeSynthesizer,
  describeTextEmbedder,
  type TestRunner,
} from '@tab/core/testing'

/** Runs a suite without a test runner and gives the messages of the tests that fail. */
async function failuresOf(suite: (runner: TestRunner) => void): Promise<string[]> {
  const tests: [string, () => Promise<void>][] = []
  suite({ describe: (_, body) => body(), test: (name, body) => tests.push([name, body]) })
  const failures: string[] = []
  for (const [name, body] of tests) {
    await body().catch((error: Error) => failures.push(`${name}: ${error.message}`))
  }
  return failures
}

const backendWith = (change: Partial<Backend>): Backend => ({ ...referenceBackend(), ...change })

describe('the conformance suites find what is wrong', () => {
  test('nothing in the reference', async () => {
    expect(await failuresOf((runner) => describeBackend('x', { create: referenceBackend, runner }))).toEqual([])
  })

  test('a backend that ignores transposeB', async () => {
    const broken = backendWith({ matmul: (a, b) => referenceBackend().matmul(a, b) })
    const failures = await failuresOf((runner) => describeBackend('x', { create: () => broken, runner }))
    expect(failures.join()).toContain('plain and transposed')
  })

  test('a search whose distances are squared, or that answers after disposal', async () => {
    const broken = backendWith({
      async searchIndex(bank) {
        const index = await referenceBackend().searchIndex(bank)
        return {
          ...index,
          async search(queries, k) {
            const { distances, indices } = await index.search(queries, k)
            return {
              distances: tensor(
                distances.shape,
                distances.data.map((value) => value * value),
              ),
              indices,
            }
          },
          dispose: () => undefined,
        }
      },
    })
    const failures = (await failuresOf((runner) => describeBackend('x', { create: () => broken, runner }))).join('\n')
    expect(failures).toContain('distances[0]: expected')
    expect(failures).toContain('disposed: expected a TabError DISPOSED')
  })

  test('a backend whose parts outlive it', async () => {
    const broken = (): Backend => ({ ...referenceBackend(), dispose: () => undefined })
    const failures = (await failuresOf((runner) => describeBackend('x', { create: broken, runner }))).join('\n')
    expect(failures).toContain('matmul: expected a TabError DISPOSED')
  })

  test('a text embedder whose vectors depend on the batch, are not of length 1, or that answers after disposal', async () => {
    const embedder: TextEmbedder = {
      id: 'x',
      dimension: 2,
      embed: async (texts) =>
        tensor([texts.length, 2], Float32Array.from(texts.flatMap((_, row) => (row === 0 ? [1, 0] : [0, 2])))),
      dispose: () => undefined,
    }
    const failures = (
      await failuresOf((runner) => describeTextEmbedder('x', { create: () => embedder, runner }))
    ).join()
    expect(failures).toContain('length 2, expected 1')
    expect(failures).toContain('embed: expected a TabError DISPOSED')
    const positional: TextEmbedder = {
      ...embedder,
      embed: async (texts) =>
        tensor([texts.length, 2], Float32Array.from(texts.flatMap((_, row) => (row === 0 ? [1, 0] : [0, 1])))),
    }
    const more = await failuresOf((runner) => describeTextEmbedder('x', { create: () => positional, runner }))
    expect(more.join()).toContain('alone[0]: expected 0, got 1')
  })

  test('an extractor that normalises over the batch', async () => {
    const extractor: FeatureExtractor = {
      id: 'x',
      layers: [{ name: 'a', channels: 1, stride: 32 }],
      async extract(images) {
        const [count, height, width] = images.shape as [number, number, number]
        const mean = images.data.reduce((sum, value) => sum + value, 0)
        const [rows, columns] = [Math.ceil(height / 32), Math.ceil(width / 32)]
        return new Map([['a', tensor([count, rows, columns, 1], new Float32Array(count * rows * columns).fill(mean))]])
      },
      dispose: () => undefined,
    }
    const failures = await failuresOf((runner) => describeExtractor('x', { create: () => extractor, runner }))
    expect(failures.join()).toContain('alone and in a batch')
    expect(failures.join()).toContain('unknown layer')
  })

  test('a synthesizer whose mask does not tell where it painted', async () => {
    const painter: AnomalySynthesizer = {
      name: 'x',
      synthesize(image, rng) {
        const [height, width] = image.shape as [number, number]
        const data = image.data.slice()
        data[Math.floor(rng() * data.length)] = 1
        return {
          image: tensor(image.shape, data),
          mask: tensorOf('uint8', [height, width], new Uint8Array(height * width)),
        }
      },
    }
    const failures = (await failuresOf((runner) => describeSynthesizer('x', { create: () => painter, runner }))).join(
      '\n',
    )
    expect(failures).toContain('the mask is empty')
    expect(failures).toContain('refuses images of another shape')
    expect(painter.synthesize(tensor([1, 1, 3], new Float32Array(3)), createRng(1)).mask.data).toHaveLength(1)
  })
})
