import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { referenceBackend, tensor } from '@tab/core'
import { writeImage } from '@tab/data/node'
import { fitInspector, predictImages, type ImageResult, type PredictImagesOptions } from '@tab/pipeline/node'
import { redExtractor } from './inspect/red-extractor.ts'

let folder: string
let files: string[]
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-predict-'))
  files = ['black.png', 'torn.png', 'white.png'].map((name) => join(folder, name))
  const [black, torn, white] = files as [string, string, string]
  await writeImage(black, flat(0))
  await writeFile(torn, 'no image')
  await writeImage(white, flat(1))
})
afterAll(() => rm(folder, { recursive: true }))

const flat = (level: number) => tensor([12, 12, 3], new Float32Array(12 * 12 * 3).fill(level))

/** Results for the files by a detector of black parts, up to an error. */
async function resultsOf(options?: PredictImagesOptions): Promise<{ results: ImageResult[]; error: unknown }> {
  const inspector = await fitInspector({
    images: Array.from({ length: 5 }, () => flat(0)),
    preparation: { size: [12, 12] },
    method: { method: 'patchcore', layers: ['pixels'], coresetSize: 1, sigma: 0 },
    ...{ extractor: redExtractor(), backend: referenceBackend() },
  })
  const results: ImageResult[] = []
  try {
    for await (const result of predictImages(inspector, files, options)) results.push(result)
    return { results, error: undefined }
  } catch (error) {
    return { results, error }
  } finally {
    inspector.dispose()
  }
}

test('an image that cannot be read ends the prediction, unless it is to be skipped', async () => {
  const { results, error } = await resultsOf()
  expect(results.map(({ anomalous }) => anomalous)).toEqual([false])
  expect(error).toMatchObject({ code: 'INVALID_DATA', message: expect.stringContaining('torn.png') })
})

test('when skipped it is a result without a score, which is neither good nor anomalous', async () => {
  const { results, error } = await resultsOf({ skipUnreadable: true })
  expect(error).toBeUndefined()
  expect(results.map(({ score, anomalous }) => [score, anomalous])).toEqual([
    [0, false],
    [null, null],
    [1, true],
  ])
  expect(results[1]).toMatchObject({ path: files[1], error: expect.stringContaining('torn.png') })
})
