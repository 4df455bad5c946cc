import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { Preparation as OfDetectorFile } from '@tab/adapters'
import { tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { prepareImage, type Preparation } from '@tab/data'
import { readImage, readPrepared, writeImage } from '@tab/data/node'

/** A row of four grey values: black, dark, light, white. */
const row = tensor([1, 4, 3], Float32Array.from([0, 0.25, 0.75, 1].flatMap((grey) => [grey, grey, grey])))

test('is resized, then cropped to its middle', () => {
  const greys = (preparation: Preparation): number[] => {
    const { data } = prepareImage(row, preparation)
    return Array.from({ length: data.length / 3 }, (_, at) => data[3 * at] as number)
  }
  expect(greys({ size: [1, 4] })).toEqual([0, 0.25, 0.75, 1])
  expect(greys({ size: [1, 4], crop: [1, 2] })).toEqual([0.25, 0.75])
  // Twice as wide, a pixel lies a quarter and three quarters of the way between its neighbours.
  expect(greys({ size: [1, 8], crop: [1, 2] })).toEqual([0.375, 0.625])
  const [left, right] = greys({ size: [1, 8], crop: [1, 2], filter: 'lanczos' })
  expect(left).toBeLessThan(0.375)
  expect((left as number) + (right as number)).toBeCloseTo(1, 6)
})

test('files are prepared alike', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tab-prepare-'))
  try {
    const path = join(folder, 'part.png')
    await writeImage(path, randomTensor('part', [20, 30, 3]))
    const preparation = { size: [16, 12], crop: [10, 8], filter: 'lanczos' } as const
    const { image, mask } = await readPrepared(
      { id: 'part', path, split: 'test', label: 0, defect: 'good' },
      preparation,
    )
    expect(image).toEqual(prepareImage(await readImage(path), preparation))
    expect(mask.shape).toEqual([10, 8])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('refuses pixels in 0..255, NaN, and a crop larger than the resize', () => {
  const white = tensor([1, 1, 3], Float32Array.of(0, 255, 0))
  expect(() => prepareImage(white, { size: [1, 1] })).toThrow('prepareImage: image values must be in [0,1], got 255')
  expect(() => prepareImage(tensor([1, 1, 3], new Float32Array(3).fill(NaN)), { size: [1, 1] })).toThrow('got NaN')
  expect(() => prepareImage(row, { size: [1, 4], crop: [1, 5] })).toThrow('width must be a whole number >= 1 and <= 4')
})

test('a detector file holds the same type', () => {
  const both = (kept: OfDetectorFile): Preparation => kept
  const back = (made: Preparation): OfDetectorFile => made
  const keys: Record<keyof OfDetectorFile & keyof Preparation, true> = {
    ...{ size: true, crop: true, filter: true, reading: true },
  }
  const preparation: Preparation = { size: [4, 4], crop: [2, 2], filter: 'lanczos', reading: 'fast' }
  expect(Object.keys(back(both(preparation)))).toEqual(Object.keys(keys))
})
