import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  calibrateThreshold,
  ensemble,
  loadDetector,
  padim,
  patchCore,
  readDetectorHeader,
  saveDetector,
  textGuided,
  type Calibration,
} from '@tab/adapters'
import {
  isTabError,
  readSafetensors,
  referenceBackend,
  tensorOf,
  writeSafetensors,
  type Detector,
  type JsonValue,
} from '@tab/core'
import { ensureIdentical, randomTensor } from '@tab/core/testing'
import fc from 'fast-check'
import { brightness, rows } from './brightness-detector.ts'
import { randomAlignment } from './tiny-alignment.ts'
import { tinyExtractor } from './tiny-extractor.ts'

const SCRIPT = fileURLToPath(new URL('../scripts/read-detector.py', import.meta.url))
const backend = referenceBackend()
const extractor = tinyExtractor()
const other = tinyExtractor(2)
const normals = randomTensor('normals', [5, 32, 32, 3])
const tested = randomTensor('tested', [3, 32, 32, 3])
const rates = { falsePositiveRate: 0.3 }
const preparation = { size: [40, 40], crop: [32, 32], filter: 'lanczos' } as const
const bank = () => patchCore({ extractor, backend, coresetRatio: 0.2 })

let detector: Detector
let calibration: Calibration
let bytes: Uint8Array
beforeAll(async () => {
  detector = await bank().fit([normals])
  calibration = await calibrateThreshold(detector, [tested], rates)
  bytes = await saveDetector(detector, { calibration, preparation, notes: { line: 3, cameras: ['left', null] } })
})

/** The file with its header changed, and the digest as it was. */
function rewritten(change: (header: Record<string, unknown>) => unknown): Uint8Array {
  const { entries, metadata } = readSafetensors(bytes)
  const header = change(JSON.parse(metadata['tab.detector'] as string)) as object
  const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
  return writeSafetensors(tensors, { ...metadata, 'tab.detector': JSON.stringify(header) })
}

describe('saveDetector, loadDetector', () => {
  test.each([
    ['PatchCore', async () => bank().fit([normals])],
    ['PaDiM', async () => padim({ extractor, backend, dimensions: 7 }).fit([normals])],
    [
      'text-guided',
      async () => textGuided({ extractor, backend, alignment: randomAlignment(extractor, 6, false) }).fit(),
    ],
    [
      'an ensemble of all three on two extractors',
      async () =>
        ensemble(
          [
            padim({ extractor: other, backend, dimensions: 5 }),
            ensemble([bank(), textGuided({ extractor, backend, alignment: randomAlignment(extractor, 6, true) })]),
          ],
          { fusion: 'max', folds: 2 },
        ).fit([normals]),
    ],
  ])('%s: the loaded detector predicts bit for bit as the saved one', async (_, make) => {
    const saved = await make()
    const { detector: loaded } = await loadDetector(await saveDetector(saved), {
      extractor: [extractor, other],
      backend,
    })
    const [left, right] = [await saved.predict(tested), await loaded.predict(tested)]
    ensureIdentical('scores', right.scores, left.scores)
    ensureIdentical('maps', right.maps, left.maps)
    expect(loaded.state()).toEqual(saved.state())
  })

  test('thresholds, preparation and notes come back as they were; without them there are none', async () => {
    const loaded = await loadDetector(bytes, { extractor, backend })
    expect(loaded).toMatchObject({ calibration, preparation, notes: { line: 3, cameras: ['left', null] } })
    expect(loaded.calibration?.scores).toEqual(calibration.scores)
    const fractions: Calibration = { ...calibration, scores: Float64Array.of(0.1, 1 / 3, Math.PI) } // no float32
    const again = await loadDetector(await saveDetector(detector, { calibration: fractions }), { extractor, backend })
    expect([...(again.calibration?.scores ?? [])]).toEqual([0.1, 1 / 3, Math.PI])
    const bare = await loadDetector(await saveDetector(detector), { extractor, backend })
    expect([bare.calibration, bare.preparation, bare.notes]).toEqual([undefined, undefined, {}])
  })

  test('the header is read without an extractor, and the same detector gives the same bytes', async () => {
    expect(readDetectorHeader(bytes)).toMatchObject({
      method: 'patchcore',
      extractorId: 'tiny-1',
      options: { layers: ['layer2', 'layer3'], size: [32, 32] },
      preparation,
      calibration: { method: 'held-out', threshold: calibration.threshold },
    })
    const options = { calibration, preparation, notes: { line: 3, cameras: ['left', null] } }
    expect(await saveDetector(await bank().fit([normals]), options)).toEqual(bytes)
  })

  test('another extractor, a newer schema or state, an unknown key or method are refused with the reason', async () => {
    const refused = (file: Uint8Array, with_ = extractor) =>
      expect(loadDetector(file, { extractor: with_, backend })).rejects
    await refused(bytes, other).toMatchObject({ code: 'INCOMPATIBLE' })
    await refused(bytes, other).toThrow('the extractor it was fitted with, tiny-1, got tiny-2')
    const newer = rewritten((header) => ({ ...header, schema: 'tab.detector/2', colour: 'red' }))
    await refused(newer).toMatchObject({ code: 'INCOMPATIBLE' })
    await refused(newer).toThrow(
      'schema tab.detector/1, got tab.detector/2, which a newer version of this package wrote',
    )
    await refused(rewritten((header) => ({ ...header, schema: 'tab.alignment/1' }))).toThrow('got "tab.alignment/1"')
    await refused(rewritten((header) => ({ ...header, treshold: 1 }))).toThrow('got treshold')
    await refused(rewritten((header) => ({ ...header, notes: {} }))).toThrow('the file is damaged')
    await refused(writeSafetensors({})).toThrow('a detector file, with tab.detector in its metadata, got none')
    const state = detector.state()
    const later = await saveDetector({ state: () => ({ ...state, version: 99 }) })
    await refused(later).toMatchObject({ code: 'INCOMPATIBLE' })
    await refused(later).toThrow('got 99')
    const unknown = await saveDetector({ state: () => ({ ...state, method: 'constructor' }) })
    await refused(unknown).toThrow(
      'a method among patchcore, padim, subspace, text-guided, ensemble, adapted, tiled, within, within-foreground, got constructor',
    )
    const typo = await saveDetector({ state: () => ({ ...state, options: { ...state.options, sigmaa: 1 } }) })
    await refused(typo).toThrow('got sigmaa')
  })

  const damaged: [string, () => Promise<Detector>, Record<string, JsonValue>][] = [
    ['a width of smoothing beyond memory', () => padim({ extractor, backend }).fit([normals]), { sigma: 2 ** 53 }],
    ['images beyond memory', () => bank().fit([normals]), { size: [2 ** 31, 2] }],
    [
      'a grid of more cells than its images have pixels',
      () => patchCore({ extractor, backend, coresetRatio: 0.3, position: 0.5 }).fit([normals]),
      { grid: [2 ** 31, 4] },
    ],
    [
      'layers that have no names',
      async () => {
        const member = { method: 'patchcore', version: 3, extractorId: extractor.id, options: {} }
        const options = { layers: [{ toString: 1 }], member }
        const state = () => ({ method: 'adapted', version: 1, extractorId: extractor.id, options, tensors: {} })
        return { ...detector, state }
      },
      {},
    ],
  ]
  test.each(damaged)('options of %s are refused, whatever the digest says', async (_, make, change) => {
    const made = (await make()).state()
    const state = () => ({ ...made, options: { ...made.options, ...change } })
    const file = await saveDetector({ state })
    await expect(loadDetector(file, { extractor, backend })).rejects.toMatchObject({ code: 'INVALID_DATA' })
  })

  test("a user's own method is restored by the user's own function", async () => {
    const own = await brightness().fit([rows([[1], [3]])])
    const file = await saveDetector(own)
    const restore = async ({ options }: { options: Readonly<Record<string, JsonValue>> }) =>
      brightness().fit([rows([[options['mean'] as number]])])
    const none = { ...extractor, id: 'none' }
    const { detector: loaded } = await loadDetector(file, {
      extractor: none,
      backend,
      methods: { brightness: restore },
    })
    expect([...(await loaded.predict(rows([[7]]))).scores.data]).toEqual([5])
  })

  test('what JSON would change, and a preparation that could not be read again, are refused on saving', async () => {
    const refused = (options: object) => expect(saveDetector(detector, options)).rejects
    await refused({ notes: { at: { place: [1, NaN] } } }).toThrow('notes.at.place[1] must be a JSON value, got NaN')
    await refused({ notes: { when: new Date(0) } }).toThrow('notes.when must be a JSON value')
    await refused({ notes: { no: undefined } }).toThrow('notes.no must be a JSON value, got undefined')
    await refused({ preparation: { size: [0, 4] } }).toThrow('preparation with size')
    await refused({ preparation: { size: [4, 4], filtr: 'lanczos' } }).toThrow('got filtr')
    const state = {
      ...detector.state(),
      tensors: { 'calibration/scores': tensorOf('float64', [0], new Float64Array(0)) },
    }
    await expect(saveDetector({ state: () => state })).rejects.toThrow('a state without a tensor "calibration/scores"')
  })

  const load = (file: Uint8Array) => loadDetector(file, { extractor, backend })

  test('any flipped bit and any cut is found', async () => {
    const small = await saveDetector(await patchCore({ extractor, backend, coresetRatio: 0.01 }).fit([normals]), {
      calibration,
    })
    await load(small)
    const bits = fc.integer({ min: 0, max: small.length * 8 - 1 })
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const broken = small.slice()
        broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7))
        const error = await load(broken).catch((thrown: unknown) => thrown)
        expect(isTabError(error)).toBe(true)
      }),
      { numRuns: 600 },
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: small.length - 1 }), async (length) => {
        await expect(load(small.slice(0, length))).rejects.toMatchObject({ code: 'INVALID_DATA' })
      }),
    )
  })

  test('any bytes and any header are read or refused, never anything else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (junk) => {
        await expect(load(junk)).rejects.toMatchObject({ code: 'INVALID_DATA' })
      }),
    )
    const value = fc.oneof(fc.jsonValue(), fc.constant({}), fc.constant('x'), fc.constant(1), fc.constant([2, 2]))
    const header = fc.record(
      {
        schema: fc.oneof(fc.constant('tab.detector/1'), fc.jsonValue()),
        method: value,
        version: value,
        extractorId: value,
        options: value,
        preparation: fc.oneof(value, fc.record({ size: value, crop: value, filter: value }, { requiredKeys: [] })),
        calibration: fc.oneof(value, fc.record({ method: fc.constant('held-out'), threshold: value })),
        notes: value,
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(header, fc.jsonValue()), (any) => {
        try {
          readDetectorHeader(writeSafetensors({}, { 'tab.detector': JSON.stringify(any) }))
        } catch (error) {
          if (!isTabError(error)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  const python = ((): boolean => {
    try {
      execFileSync('python3', ['-c', 'import safetensors, numpy'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })()
  const testWithPython = python ? test : test.skip
  testWithPython(
    `Python's safetensors reads the same${python ? '' : ' (python3 with safetensors is absent)'}`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'tab-detector-'))
      const file = join(folder, 'detector.safetensors')
      await writeFile(file, bytes)
      const told = JSON.parse(execFileSync('python3', [SCRIPT, file], { encoding: 'utf8' }))
      await rm(folder, { recursive: true })
      const sum = (data: ArrayLike<number>): number => Array.from(data).reduce((total, value) => total + value, 0)
      const kept = detector.state().tensors['bank']
      expect(told).toMatchObject({
        intact: true,
        header: { schema: 'tab.detector/1', method: 'patchcore', preparation },
        tensors: {
          bank: { dtype: 'float32', shape: kept?.shape, sum: expect.closeTo(sum(kept?.data ?? []), 6) },
          'calibration/scores': { dtype: 'float64', shape: [3], sum: expect.closeTo(sum(calibration.scores), 12) },
        },
      })
    },
  )
})
