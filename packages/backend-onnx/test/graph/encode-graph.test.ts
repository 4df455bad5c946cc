import { describe, expect, test } from '@jest/globals'
import { encodeGraph, readOnnxMetadata, type OnnxGraph } from '@tab/backend-onnx/graph'
import fc from 'fast-check'
import * as ort from 'onnxruntime-node'

const vector = (name: string) => ({ name, type: 'float32', shape: ['N', 2] }) as const

/** y = leaky(x W + b), summed over the last axis: every kind of attribute and constant. */
const graph: OnnxGraph = {
  name: 'test',
  inputs: [vector('x')],
  outputs: [{ name: 'y', type: 'float32', shape: ['N', 1] }],
  initializers: [
    { name: 'w', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
    { name: 'b', shape: [2], data: Float32Array.of(10, -100) },
    { name: 'axes', shape: [1], data: BigInt64Array.of(-1n) },
  ],
  nodes: [
    { operator: 'Gemm', inputs: ['x', 'w', 'b'], outputs: ['xw'], attributes: { alpha: { float: 2 }, transB: 1 } },
    { operator: 'LeakyRelu', inputs: ['xw'], outputs: ['l'], attributes: { alpha: 0.5 } },
    { operator: 'ReduceSum', inputs: ['l', 'axes'], outputs: ['y'], attributes: { keepdims: 1 } },
  ],
  metadata: { 'tab.kind': 'test', note: 'ü' },
}

describe('encodeGraph', () => {
  test('ONNX Runtime loads the file and computes what was written', async () => {
    const session = await ort.InferenceSession.create(encodeGraph(graph))
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(1, 1, 0, 5), [2, 2]) })
    // 2 * x W^T + b: [2*3+10, 2*7-100] = [16, -86] -> 16 - 43; [2*10+10, 2*20-100] = [30, -60] -> 30 - 30
    expect([...(y?.data as Float32Array)]).toEqual([-27, 0])
  })

  test('metadata is read back without the graph', () => {
    expect(readOnnxMetadata(encodeGraph(graph))).toEqual({ 'tab.kind': 'test', note: 'ü' })
  })

  test('metadata of any name is kept, also of one that every object has', () => {
    const metadata = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    expect(Object.entries(readOnnxMetadata(encodeGraph({ ...graph, metadata })))).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })

  test('names what does not hang together', () => {
    const first = graph.initializers[0] as OnnxGraph['initializers'][number]
    const broken: [Partial<OnnxGraph>, string][] = [
      [{ nodes: [] }, 'outputs that a node computes, got "y"'],
      [{ inputs: [] }, 'values computed before they are used, got "x" in Gemm'],
      [{ initializers: [...graph.initializers, first] }, 'names defined once, got "w" twice'],
      [
        { initializers: [...graph.initializers, { ...first, name: 'v', shape: [3] }] },
        '"v" [3] needs 3 elements, got 4',
      ],
    ]
    for (const [change, message] of broken) expect(() => encodeGraph({ ...graph, ...change })).toThrow(message)
  })

  test('metadata of any other bytes is refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          expect(typeof readOnnxMetadata(bytes)).toBe('object')
        } catch (error) {
          expect(error).toMatchObject({ code: 'INVALID_DATA', where: 'readOnnxMetadata' })
        }
      }),
    )
    expect(() => readOnnxMetadata(new Uint8Array(0))).toThrow('the bytes are not an ONNX file')
    expect(() => readOnnxMetadata(encodeGraph(graph).subarray(0, 60))).toThrow('the bytes are not an ONNX file')
  })
})
