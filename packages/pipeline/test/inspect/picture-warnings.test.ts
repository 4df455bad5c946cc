import { describe, expect, test } from '@jest/globals'
import { referenceBackend, tensor } from '@tab/core'
import { fitInspector, openInspector } from '@tab/pipeline'
import { pictureWarnings } from '../../src/inspect/picture-warnings.ts'
import { redExtractor } from './red-extractor.ts'

const of = (original: [number, number], size: [number, number], smallestDefect?: number) =>
  pictureWarnings({ original, preparation: { size }, smallestDefect })

describe('warnings of pictures that are reduced too far', () => {
  test('10 px in 3000 x 4000 are not seen at 224 px, and are at 1024', () => {
    expect(of([3000, 4000], [224, 299], 10)).toEqual([
      'a defect of 10 px in 3000 x 4000 px is 0.75 px in 224 x 299 px, and is not seen: it takes images of about 800 px on their longer side, or tiles',
    ])
    expect(of([3000, 4000], [768, 1024], 10)).toEqual([])
    expect(of([3000, 4000], [600, 800], 10)).toEqual([]) // 2 px, what it advises
  })

  test('nothing is said of defects of a size that nobody told, or of pictures as they are', () => {
    expect(of([3000, 4000], [224, 299])).toEqual([])
    expect(of([3000, 4000], [3000, 4000], 2)).toEqual([])
  })

  test('a changed aspect ratio is named from 5 % on', () => {
    expect(of([3000, 4000], [224, 224])).toEqual([
      'pictures of 3000 x 4000 px are squeezed to 224 x 224 px: their aspect ratio changes by 33 %',
    ])
    expect(of([100, 104], [224, 224])).toEqual([])
    expect(of([4000, 3000], [224, 224])).toHaveLength(1)
  })
})

test('an inspection carries them, by the size that its caller or the file notes', async () => {
  const engine = { extractor: redExtractor(), backend: referenceBackend() }
  const image = (height: number, width: number) => tensor([height, width, 3], new Float32Array(height * width * 3))
  const fitted = await fitInspector({
    ...{ ...engine, images: Array.from({ length: 5 }, () => image(48, 48)), preparation: { size: [12, 12] } },
    method: { method: 'patchcore', layers: ['pixels'], coresetSize: 1, sigma: 0 },
  })
  expect((await fitted.inspect(image(48, 48))).warnings).toEqual([])
  const noted = await openInspector({ ...engine, detector: await fitted.save({ smallestDefect: 4 }) })
  expect((await noted.inspect(image(48, 48))).warnings).toEqual([
    expect.stringContaining('a defect of 4 px in 48 x 48 px is 1 px'),
  ])
  expect((await noted.inspect(image(12, 24))).warnings).toEqual([expect.stringContaining('squeezed to 12 x 12 px')])
  const told = await openInspector({ ...engine, detector: await fitted.save({ smallestDefect: 4 }), smallestDefect: 8 })
  expect((await told.inspect(image(48, 48))).warnings).toEqual([])
  await expect(openInspector({ ...engine, detector: await fitted.save(), smallestDefect: 0 })).rejects.toThrow(
    'smallestDefect',
  )
  for (const one of [told, noted, fitted]) one.dispose()
})
