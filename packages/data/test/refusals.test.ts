import { test } from '@jest/globals'
import { isTabError, tensor, tensorOf } from '@tab/core'
import { centerCrop, prefetch, prepareImage, resizeImage, resizeMask, sampleShots, syntheticParts } from '@tab/data'
import { imageBatches, writeSyntheticDataset } from '@tab/data/node'

/** What comes in place of a number: JSON's null for NaN, a missing field, a cell of a CSV file, ... */
const NO_NUMBERS = [null, undefined, NaN, Infinity, -Infinity, '1', '', 1n, [], [1], {}]

const image = tensor([4, 4, 3], new Float32Array(48))
const mask = tensorOf('uint8', [4, 4], new Uint8Array(16))
const sample = { id: 'a', path: 'a.png', split: 'train', label: 0, defect: 'good' } as const
const parts = syntheticParts({ part: 'fabric', size: [32, 32], seed: 1 })
const counts = { train: 0, good: 0, perDefect: 0 }
const dataset = (change: object): unknown =>
  writeSyntheticDataset('nowhere', { part: 'fabric', size: [32, 32], seed: 1, ...counts, ...change })

/** Every number by itself: what takes it, and whether it may be left out. */
const numbers: readonly [name: string, optional: boolean, call: (value: never) => unknown][] = [
  ['prepareImage height', false, (value) => prepareImage(image, { size: [value, 4] })],
  ['prepareImage width', false, (value) => prepareImage(image, { size: [4, value] })],
  ['prepareImage crop', false, (value) => prepareImage(image, { size: [4, 4], crop: [2, value] })],
  ['resizeImage', false, (value) => resizeImage(image, [value, 4])],
  ['resizeMask', false, (value) => resizeMask(mask, [value, 4])],
  ['centerCrop', false, (value) => centerCrop(image, [2, value])],
  ['sampleShots shots', false, (shots) => sampleShots([sample], { shots, seed: 1 })],
  ['prefetch concurrency', false, (value) => prefetch([1], value, async (item) => item).next()],
  ['imageBatches batchSize', false, (batchSize) => imageBatches([], { size: [4, 4], batchSize }).next()],
  [
    'imageBatches concurrency',
    true,
    (concurrency) => imageBatches([], { size: [4, 4], batchSize: 1, concurrency }).next(),
  ],
  ['syntheticParts size', false, (value) => syntheticParts({ part: 'fabric', size: [32, value], seed: 1 })],
  ['syntheticParts normal', false, (value) => parts.normal(value)],
  ['syntheticParts anomalous', false, (value) => parts.anomalous(value, 'dent')],
  ...Object.keys(counts).map((name): [string, boolean, (value: never) => unknown] => [
    `writeSyntheticDataset ${name}`,
    false,
    (value) => dataset({ [name]: value }),
  ]),
]

test.each(numbers)('%s must be a number', async (_, optional, call) => {
  for (const bad of NO_NUMBERS) {
    if (optional && bad === undefined) continue
    let result: unknown
    try {
      result = await call(bad as never)
    } catch (error) {
      if (!isTabError(error, 'INVALID_ARGUMENT')) throw error
      continue
    }
    throw new Error(`${String(bad)} gave ${JSON.stringify(result)}`)
  }
})
