import { describe, expect, test } from '@jest/globals'
import { readSafetensors, tensor, tensorOf, writeSafetensors, type DType, type Tensor } from '@tab/core'
import fc from 'fast-check'

/** A file from a header and a body, as its specification says. */
function file(header: unknown, body: Uint8Array = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header))
  const bytes = new Uint8Array(8 + json.length + body.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true)
  bytes.set(json, 8)
  bytes.set(body, 8 + json.length)
  return bytes
}

/** The error of a call. */
function attempt(call: () => unknown): Error | undefined {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  return undefined
}

const F32 = (shape: number[], begin: number, end: number) => ({ dtype: 'F32', shape, data_offsets: [begin, end] })

describe('readSafetensors and writeSafetensors', () => {
  test('what is written is read, for every element type and unaligned names', () => {
    const tensors: Record<string, Tensor<DType>> = {
      'layer.weight': tensor([2, 2], Float32Array.of(1, -2, 3.5, 0)),
      bytes: tensorOf('uint8', [3], Uint8Array.of(1, 2, 255)),
      indices: tensorOf('int32', [1], Int32Array.of(-7)),
      precise: tensorOf('float64', [], Float64Array.of(Math.PI)),
      empty: tensor([0, 4], new Float32Array(0)),
    }
    const { metadata, entries } = readSafetensors(writeSafetensors(tensors, { format: 'pt', a: 'b' }))
    expect(metadata).toEqual({ format: 'pt', a: 'b' })
    expect(new Set(entries.keys())).toEqual(new Set(Object.keys(tensors)))
    for (const [name, entry] of entries) expect(entry.toTensor()).toEqual(tensors[name])
    // As a file is read in Node: a Buffer, whose slice() shares memory.
    const buffer = Buffer.from(writeSafetensors(tensors))
    for (const [name, entry] of readSafetensors(buffer).entries) expect(entry.toTensor()).toEqual(tensors[name])
  })

  test('the bytes do not depend on the order in which tensors and metadata were given', () => {
    const [a, b] = [tensor([1], Float32Array.of(1)), tensor([1], Float32Array.of(2))]
    expect(writeSafetensors({ a, b }, { x: '1', y: '2' })).toEqual(writeSafetensors({ b, a }, { y: '2', x: '1' }))
    expect(writeSafetensors(new Map([['a', a]]))).toEqual(writeSafetensors({ a }))
  })

  test('16-bit floats are widened exactly', () => {
    // 1, -2, 2^-24 (subnormal), 65504 (largest), as IEEE 754 binary16; 1 and -2 as bfloat16
    const half = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff).buffer)
    const read = readSafetensors(file({ h: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } }, half))
    expect([...(read.entries.get('h')?.toTensor().data ?? [])]).toEqual([1, -2, 2 ** -24, 65504])
    const brain = new Uint8Array(Uint16Array.of(0x3f80, 0xc000).buffer)
    const wide = readSafetensors(file({ b: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } }, brain))
    expect([...(wide.entries.get('b')?.toTensor().data ?? [])]).toEqual([1, -2])
  })

  describe('as float16', () => {
    const written = (numbers: readonly number[]): Uint8Array =>
      writeSafetensors({ w: tensor([numbers.length], Float32Array.from(numbers)) }, {}, { dtype: 'float16' })
    const bitsOf = (numbers: readonly number[]): number[] => [
      ...new Uint16Array(written(numbers).slice(-2 * numbers.length).buffer),
    ]
    const read = (numbers: readonly number[]): number[] => [
      ...(readSafetensors(written(numbers)).entries.get('w')?.toTensor().data ?? []),
    ]

    // By hand: 1 is 0x3c00; at 1 the next half is 2^-10 away, at 2^-24 it is 2^-24, at 65504 it is 32.
    test.each<[string, number, number]>([
      ['one', 1, 0x3c00],
      ['minus two', -2, 0xc000],
      ['minus zero', -0, 0x8000],
      ['the largest half', 65504, 0x7bff],
      ['what is nearer to it than to 65536', 65519.99609375, 0x7bff],
      ['a tie that goes down to even', 1 + 2 ** -11, 0x3c00],
      ['a tie that goes up to even', 1 + 3 * 2 ** -11, 0x3c02],
      ['a little more than a tie', 1 + 2 ** -11 + 2 ** -23, 0x3c01],
      ['a carry into the exponent', 2 - 2 ** -12, 0x4000],
      ['the smallest normal', 2 ** -14, 0x0400],
      ['the largest subnormal', 1023 * 2 ** -24, 0x03ff],
      ['a subnormal that rounds up to a normal', 2047 * 2 ** -25, 0x0400],
      ['the smallest subnormal', 2 ** -24, 0x0001],
      ['half of it, a tie with zero', 2 ** -25, 0x0000],
      ['a little more than that', 2 ** -25 + 2 ** -40, 0x0001],
      ['minus three halves of it, a tie that goes to two', -3 * 2 ** -25, 0x8002],
      ['a subnormal of float32', 2 ** -149, 0x0000],
      ['infinity', -Infinity, 0xfc00],
    ])('%s', (_, value, bits) => {
      expect(bitsOf([value])).toEqual([bits])
    })

    test('every one of the 65,536 halves comes back', () => {
      // By the definition of binary16: (-1)^s 2^max(e, 1) - 15 ((e > 0) + f / 1024).
      const halves = Array.from({ length: 65_536 }, (_, bits) => {
        const [sign, exponent, fraction] = [bits >= 32_768 ? -1 : 1, Math.floor(bits / 1024) % 32, bits % 1024]
        if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
        return sign * 2 ** (Math.max(exponent, 1) - 15) * ((exponent > 0 ? 1 : 0) + fraction / 1024)
      })
      expect(read(halves)).toEqual(halves)
    })

    test('any number becomes the nearest half, of two the one with an even last bit', () => {
      fc.assert(
        fc.property(fc.float({ min: Math.fround(-65519), max: Math.fround(65519), noNaN: true }), (value) => {
          const [[rounded = NaN], [bits = NaN]] = [read([value]), bitsOf([value])]
          // Halves are whole multiples of a step, which is 2^-10 of the power of two below and at least 2^-24.
          const power = Math.max(-14, Math.floor(Math.log2(Math.abs(value) || 1e-9)))
          const step = 2 ** (power - 10)
          const [error, isTie] = [Math.abs(rounded - value), Math.abs(rounded - value) === step / 2]
          expect(Number.isInteger(rounded / step)).toBe(true)
          expect(error).toBeLessThanOrEqual(step / 2)
          if (isTie) expect(bits % 2).toBe(0)
        }),
        { numRuns: 2000 },
      )
    })

    test('takes half the place, touches float32 alone and keeps tensors aligned', () => {
      const bytes = writeSafetensors(
        {
          weight: tensor([3], Float32Array.of(0.1, 0.5, -1)),
          names: tensorOf('uint8', [3], Uint8Array.of(1, 2, 255)),
          exact: tensorOf('float64', [1], Float64Array.of(Math.PI)),
        },
        {},
        { dtype: 'float16' },
      )
      const { entries } = readSafetensors(bytes)
      expect([...entries].map(([name, { dtype }]) => `${name} ${dtype}`)).toEqual([
        'exact F64',
        'weight F16',
        'names U8',
      ])
      expect(entries.get('exact')?.toTensor().data).toEqual(Float64Array.of(Math.PI))
      expect([...(entries.get('weight')?.toTensor().data ?? [])]).toEqual([0.0999755859375, 0.5, -1])
    })

    test('a number that no half is near is refused by its tensor, NaN is kept', () => {
      expect(() => written([1, 65520])).toThrow(
        'writeSafetensors: tensor "w": numbers between -65520 and 65520 for float16, got 65520 at 1',
      )
      for (const value of [-65536, 98304, -1e30]) expect(() => written([value])).toThrow('for float16, got')
      expect(read([NaN])).toEqual([NaN])
    })
  })

  test.each<[string, Uint8Array, string]>([
    ['too short', new Uint8Array(5), 'at least 8 bytes, got 5'],
    ['header longer than the file', file({ w: F32([1], 0, 4) }).slice(0, 20), 'file is truncated'],
    ['absurd header length', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 127), 'not a safetensors file'],
    ['no JSON', file('{nope'), 'header is not JSON'],
    ['an array', file([]), 'not a JSON object'],
    ['body truncated', file({ w: F32([2], 0, 8) }, new Uint8Array(4)), 'tensors need 8 bytes, but it has 4'],
    ['body too long', file({ w: F32([1], 0, 4) }, new Uint8Array(5)), '1 bytes follow the last tensor'],
    [
      'unknown type',
      file({ w: { dtype: 'F8', shape: [1], data_offsets: [0, 1] } }, new Uint8Array(1)),
      'element type "F8"',
    ],
    [
      'inherited type',
      file({ w: { dtype: 'toString', shape: [1], data_offsets: [0, 1] } }, new Uint8Array(1)),
      'element type',
    ],
    ['negative shape', file({ w: F32([-1], 0, 4) }, new Uint8Array(4)), 'shape [-1]'],
    ['offsets that lie', file({ w: F32([3], 0, 4) }, new Uint8Array(4)), 'needs 12 bytes, but its offsets span 4'],
    ['overlap', file({ a: F32([1], 0, 4), b: F32([1], 2, 6) }, new Uint8Array(6)), 'ranges overlap or leave a gap'],
    ['hole', file({ a: F32([1], 4, 8) }, new Uint8Array(8)), 'ranges overlap or leave a gap'],
    ['huge shape', file({ a: F32([2 ** 40, 2 ** 40], 0, 4) }, new Uint8Array(4)), 'its offsets span 4'],
    ['metadata not text', file({ __metadata__: { a: 1 } }), '__metadata__ must be an object of strings'],
    ['null tensor', file({ a: null }), 'element type undefined'],
  ])('refuses a file with %s', (_, bytes, message) => {
    expect(() => readSafetensors(bytes)).toThrow(message)
  })

  test('metadata of any name is kept, also of those that objects have by themselves', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    expect(Object.entries(readSafetensors(file({ __metadata__: metadata })).metadata)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    expect(() => readSafetensors(file({ __metadata__: ['a'] }))).toThrow('__metadata__ must be an object of strings')
  })

  test('a header of any depth and values of any length are refused in few words', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
    expect(() => readSafetensors(file(`{"a":{"dtype":${deep}}}`))).toThrow('its header is not JSON')
    const long = attempt(() => readSafetensors(file({ a: { dtype: 'F'.repeat(100_000) } })))
    expect([long?.message.length, long?.message.slice(0, 60)]).toEqual([
      expect.closeTo(8000, -3),
      'readSafetensors: tensor "a" has element type "FFFFFFFFFFFFFF',
    ])
  })

  test('any bytes are either read or refused with INVALID_DATA', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.json(), (noise, json) => {
        for (const bytes of [noise, file(json, noise)]) {
          try {
            for (const entry of readSafetensors(bytes).entries.values()) entry.toTensor()
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID_DATA' })
          }
        }
      }),
    )
  })
})
