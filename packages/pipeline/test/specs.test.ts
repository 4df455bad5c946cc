import { describe, expect, test } from '@jest/globals'
import { isTabError } from '@tab/core'
import {
  BENCHMARK_SPEC,
  CHOOSE_SPEC,
  EVALUATE_SPEC,
  FIT_SPEC,
  parseSpec,
  PRETRAIN_SPEC,
  SYNTHESIZE_SPEC,
  type FitSpec,
} from '@tab/pipeline'
import fc from 'fast-check'

const SMALLEST = {
  fit: [FIT_SPEC, { data: 'screws', output: 'o.safetensors' }],
  evaluate: [EVALUATE_SPEC, { data: 'screws', output: 'out' }],
  choose: [CHOOSE_SPEC, { data: 'screws', output: 'out' }],
  pretrain: [PRETRAIN_SPEC, { data: ['screws', 'nuts'], output: 'out' }],
  synthesize: [SYNTHESIZE_SPEC, { input: 'screws', output: 'out' }],
  benchmark: [
    BENCHMARK_SPEC,
    {
      datasets: [{ path: 'screws' }],
      backbones: [{ name: 'r', random: 'resnet18' }],
      detectors: [{ method: 'padim' }],
      output: 'out',
    },
  ],
} as const
const FIT = SMALLEST.fit[1]

type AnySchema = (typeof SMALLEST)[keyof typeof SMALLEST][0]

/** The message of a refusal; undefined where the value is a spec. */
function refusal(schema: AnySchema, value: unknown): string | undefined {
  try {
    parseSpec<unknown>(schema, value)
    return undefined
  } catch (error) {
    if (!isTabError(error, 'INVALID_ARGUMENT')) throw error
    return error.message
  }
}

describe('parseSpec', () => {
  test.each(Object.entries(SMALLEST))(
    '%s: what is required is enough, and comes back from JSON',
    (_, [schema, value]) => {
      expect(parseSpec<unknown>(schema, JSON.parse(JSON.stringify(value)))).toMatchObject(value)
    },
  )

  test.each(Object.entries(SMALLEST))('%s: each field that lacks is named', (_, [schema, value]) => {
    for (const name of Object.keys(value)) {
      const rest = Object.fromEntries(Object.entries(value).filter(([key]) => key !== name))
      expect(refusal(schema, rest)).toMatch(new RegExp(`^spec\\.${name}: `))
    }
  })

  test.each([
    [{ ...FIT, backbone: 7 }, /^spec\.backbone: /],
    [{ ...FIT, detector: { method: 'patchcore', coresetRatio: 2 } }, /^spec\.detector\.coresetRatio: /],
    [{ ...FIT, detector: { method: 'patchcore', coresetRatio: 0.1, coresetSize: 9 } }, /^spec\.detector: .*not both/],
    [{ ...FIT, detector: { method: 'padim', neighbors: 3 } }, /^spec\.detector: .*neighbors/],
    [{ ...FIT, calibrate: 1 }, /^spec\.calibrate: /],
    [{ ...FIT, calibrate: false, folds: 3 }, /^spec\.folds: /],
    [{ ...FIT, imageSize: [224, 16] }, /^spec\.imageSize/],
    [{ ...FIT, foreign: { mean: [0, 0, 0], std: [1, 0, 1] } }, /^spec\.foreign\.std\.1: /],
    [{ ...FIT, layout: 'mvtec' }, /^spec\.layout: /],
    [{ ...FIT, overwite: true }, /^spec: .*overwite/],
    [{ ...FIT, data: '', seed: -1 }, /^spec\.data: .*; spec\.seed: /],
    ['screws', /^spec: /],
  ])('%j is refused by the field', (value, message) => {
    expect(refusal(FIT_SPEC, value)).toMatch(message)
  })

  test('two backbones of one name are refused, and one number is a square', () => {
    const [schema, spec] = SMALLEST.evaluate
    const backbone = { name: 'b', weights: 'b.onnx' }
    expect(refusal(schema, { ...spec, backbones: [backbone, backbone] })).toMatch(/^spec\.backbones: /)
    expect(parseSpec(schema, { ...spec, imageSize: 96 }).imageSize).toEqual([96, 96])
  })

  test('the types say so: what is given may be one number, what is parsed is a pair', () => {
    const given: FitSpec = { ...FIT, imageSize: 256, crop: 224 }
    const { imageSize, crop } = parseSpec(FIT_SPEC, given)
    const sizes: readonly (readonly [number, number] | 'original' | undefined)[] = [imageSize, crop]
    expect(sizes).toEqual([
      [256, 256],
      [224, 224],
    ])
  })

  test('any JSON is a spec or is refused in words', () => {
    const schemas = Object.values(SMALLEST).map(([schema]) => schema)
    const changed = fc.record({ which: fc.nat(4), key: fc.string(), value: fc.jsonValue() })
    fc.assert(
      fc.property(changed, fc.jsonValue(), ({ which, key, value }, other) => {
        const [schema, smallest] = Object.values(SMALLEST)[which] as (typeof SMALLEST)['fit']
        for (const each of [other, { ...smallest, [key]: value }]) {
          const message = refusal(schema, each)
          if (message !== undefined) expect(message).toMatch(/^spec[.:]/)
        }
        expect(schemas).toContain(schema)
      }),
    )
  })
})
