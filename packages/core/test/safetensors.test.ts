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
