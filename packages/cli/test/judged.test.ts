import { describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { describeError, errorLine } from '../src/describe-error.ts'
import { notScored, type ImageResult } from '../../pipeline/src/node/predict/image-result.ts'
import { judgedStatus, judgedText } from '../src/terminal/judged-text.ts'
import { counted, NONE_JUDGED } from '../../pipeline/src/node/predict/judged-counts.ts'
import { createInspector } from '../../pipeline/src/inspect/inspector.ts'
import { NODE_IMAGES } from '../../pipeline/src/node/inspect/node-image.ts'
import { predictImages } from '../../pipeline/src/node/predict/predict-images.ts'

const result = (anomalous: boolean | null, score: number | null = 1): ImageResult => ({
  ...notScored('x.png', '', null),
  score,
  anomalous,
})
const RESULTS = { good: result(false), anomalous: result(true), unjudged: result(null), failed: result(null, null) }

test('the status is 0 exactly where images were judged and all are good; an anomalous one always shows', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...(Object.keys(RESULTS) as (keyof typeof RESULTS)[]))), (kinds) => {
      const counts = kinds.map((kind) => RESULTS[kind]).reduce(counted, NONE_JUDGED)
      const expected = kinds.includes('anomalous')
        ? 2
        : kinds.length > 0 && kinds.every((kind) => kind === 'good')
          ? 0
          : 3
      expect(judgedStatus(counts)).toBe(expected)
      if (expected === 3) expect(judgedText(counts)).toMatch(/not judged|nothing judged|could not be scored/)
    }),
  )
})

describe('a score that is not finite', () => {
  test('is an error with the name of the image, or no score; the others of its batch are judged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tab-judged-'))
    try {
      const files = await Promise.all(
        [10, 200, 90].map(async (level) => {
          const path = join(folder, `${level}.png`)
          const pixels = { width: 8, height: 8, channels: 3 as const, background: { r: level, g: level, b: level } }
          await sharp({ create: pixels }).png().toFile(path)
          return path
        }),
      )
      // Scores an image by its first value; a bright one has none.
      const inspector = createInspector({
        detector: {
          async predict(images) {
            const count = images.shape[0] as number
            const score = (index: number): number => {
              const value = images.data[index * 192] as number
              return value > 0.5 ? Number.NaN : value
            }
            return {
              scores: tensor(
                [count],
                Float32Array.from({ length: count }, (_, i) => score(i)),
              ),
              maps: tensor([count, 8, 8], new Float32Array(count * 64)),
            }
          },
        },
        calibration: undefined,
        preparation: { size: [8, 8] },
        threshold: 0.2,
        ...NODE_IMAGES,
        dispose: () => undefined,
      })
      const options = { batchSize: 3, signal: new AbortController().signal, heatmaps: undefined }
      const judged: ImageResult[] = []
      for await (const one of predictImages(inspector, files, { ...options, skipUnreadable: true })) judged.push(one)
      expect(judged.map(({ anomalous, error }) => [anomalous, error])).toEqual([
        [false, undefined],
        [null, expect.stringContaining('200.png: a finite score, got NaN')],
        [true, undefined],
      ])
      const all = predictImages(inspector, files, { ...options, skipUnreadable: false })
      expect((await all.next()).value).toMatchObject({ anomalous: false })
      await expect(all.next()).rejects.toThrow('200.png: a finite score, got NaN')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe('describeError', () => {
  test.each([
    [
      new Error('x.png: write error\nsystem error: No space left on device'),
      'x.png: write error; system error: No space left on device',
    ],
    [Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO' }), 'EIO: i/o error, write'],
    [new AggregateError([new Error('other'), Object.assign(new Error('refused'), { syscall: 'connect' })]), 'refused'],
    [new Error('wrapped', { cause: new Error('EACCES: permission denied') }), 'EACCES: permission denied'],
  ])('%s is told in one line', (error, expected) => {
    expect(describeError(error)).toEqual({ text: expected, isDefect: false })
  })

  test('anything else is a defect, with its stack', () => {
    const { text, isDefect } = describeError(new TypeError('x is undefined'))
    expect([isDefect, text]).toEqual([true, expect.stringMatching(/TypeError: x is undefined\n {4}at /)])
    expect(describeError('thrown')).toEqual({ text: 'thrown', isDefect: true })
  })

  test('the name of the program stands before a message once', () => {
    expect(errorLine({ text: 'tab synth: stopped', isDefect: false })).toBe('tab synth: stopped\n')
    expect(errorLine({ text: 'table.md exists', isDefect: false })).toBe('tab: table.md exists\n')
  })
})
