// Ways to compute the gradients of a convolution as operations of ONNX Runtime, at the shapes of preset `tab` (128 px, 12 pairs, ResNet-18), two threads:
//   npm run bench -- train filter-gradient
// Prints the best of twelve rounds and the largest difference from the first way.
import { encodeGraph, type OnnxInitializer, type OnnxNode } from '@tab/backend-onnx/graph'
import { loadOrt } from '@tab/backend-onnx/node'
import { randomTensor } from '@tab/core/testing'

/** A convolution of the network as the training meets it: images, channels, grid before it, kernel and stride. */
interface Shape {
  readonly images: number
  readonly inputs: number
  readonly outputs: number
  readonly size: number
  readonly kernel: number
  readonly stride: number
}

const SHAPES: Readonly<Record<string, Shape>> = {
  'layer1 3x3': { images: 24, inputs: 64, outputs: 64, size: 32, kernel: 3, stride: 1 },
  'layer2 3x3 s2': { images: 24, inputs: 64, outputs: 128, size: 32, kernel: 3, stride: 2 },
  'layer2 3x3': { images: 24, inputs: 128, outputs: 128, size: 16, kernel: 3, stride: 1 },
  'layer3 3x3 s2': { images: 24, inputs: 128, outputs: 256, size: 16, kernel: 3, stride: 2 },
  'layer3 3x3': { images: 24, inputs: 256, outputs: 256, size: 8, kernel: 3, stride: 1 },
  'layer3 1x1 s2': { images: 24, inputs: 128, outputs: 256, size: 16, kernel: 1, stride: 2 },
}

class Builder {
  readonly nodes: OnnxNode[] = []
  readonly initializers: OnnxInitializer[] = []
  private count = 0
  add(operator: string, inputs: string[], attributes: OnnxNode['attributes'] = {}): string {
    const name = `v${this.count++}`
    this.nodes.push({ operator, inputs, outputs: [name], attributes })
    return name
  }
  ints(...values: number[]): string {
    const name = `c${this.count++}`
    this.initializers.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) })
    return name
  }
}

const outOf = ({ size, stride }: Shape): number => size / stride

type Way = (b: Builder, s: Shape) => string

const pad = ({ kernel }: Shape): number => (kernel - 1) / 2

/** Slices of the padded input, one per place of the kernel. */
function slices(b: Builder, s: Shape, x: string): string[] {
  const p = pad(s)
  const padded = p === 0 ? x : b.add('Pad', [x, b.ints(0, 0, p, p, 0, 0, p, p)])
  const found: string[] = []
  for (let i = 0; i < s.kernel; i++)
    for (let j = 0; j < s.kernel; j++) {
      const last = (outOf(s) - 1) * s.stride + 1
      found.push(
        b.add('Slice', [padded, b.ints(i, j), b.ints(i + last, j + last), b.ints(2, 3), b.ints(s.stride, s.stride)]),
      )
    }
  return found
}

const filterWays: Record<string, Way> = {
  conv(b, s) {
    const x = b.add('Transpose', ['x'], { perm: [1, 0, 2, 3] })
    const dy = b.add('Transpose', ['dy'], { perm: [1, 0, 2, 3] })
    const p = pad(s)
    const extra = s.stride - 1
    const raw = b.add('Conv', [x, dy], {
      kernel_shape: [outOf(s), outOf(s)],
      dilations: [s.stride, s.stride],
      strides: [1, 1],
      pads: [p, p, p, p],
    })
    const cut = extra === 0 ? raw : b.add('Slice', [raw, b.ints(0, 0), b.ints(s.kernel, s.kernel), b.ints(2, 3)])
    return b.add('Transpose', [cut], { perm: [1, 0, 2, 3] })
  },
  im2col(b, s) {
    const x = b.add('Transpose', ['x'], { perm: [1, 0, 2, 3] })
    const dy = b.add('Reshape', [b.add('Transpose', ['dy'], { perm: [1, 0, 2, 3] }), b.ints(s.outputs, -1)])
    const parts = slices(b, s, x).map((v) => b.add('Unsqueeze', [v, b.ints(1)]))
    const cols = b.add('Reshape', [b.add('Concat', parts, { axis: 1 }), b.ints(s.inputs * s.kernel ** 2, -1)])
    return b.add('Reshape', [b.add('Gemm', [dy, cols], { transB: 1 }), b.ints(s.outputs, s.inputs, s.kernel, s.kernel)])
  },
  shifts(b, s) {
    const x = b.add('Transpose', ['x'], { perm: [1, 0, 2, 3] })
    const dy = b.add('Reshape', [b.add('Transpose', ['dy'], { perm: [1, 0, 2, 3] }), b.ints(s.outputs, -1)])
    const parts = slices(b, s, x).map((v) =>
      b.add('Unsqueeze', [b.add('Gemm', [dy, b.add('Reshape', [v, b.ints(s.inputs, -1)])], { transB: 1 }), b.ints(2)]),
    )
    return b.add('Reshape', [b.add('Concat', parts, { axis: 2 }), b.ints(s.outputs, s.inputs, s.kernel, s.kernel)])
  },
  'shifts, positions first'(b, s) {
    const x = b.add('Transpose', ['x'], { perm: [0, 2, 3, 1] })
    const dy = b.add('Reshape', [b.add('Transpose', ['dy'], { perm: [0, 2, 3, 1] }), b.ints(-1, s.outputs)])
    const p = pad(s)
    const padded = p === 0 ? x : b.add('Pad', [x, b.ints(0, p, p, 0, 0, p, p, 0)])
    const parts: string[] = []
    for (let i = 0; i < s.kernel; i++)
      for (let j = 0; j < s.kernel; j++) {
        const last = (outOf(s) - 1) * s.stride + 1
        const v = b.add('Slice', [
          padded,
          b.ints(i, j),
          b.ints(i + last, j + last),
          b.ints(1, 2),
          b.ints(s.stride, s.stride),
        ])
        parts.push(
          b.add('Unsqueeze', [
            b.add('Gemm', [dy, b.add('Reshape', [v, b.ints(-1, s.inputs)])], { transA: 1 }),
            b.ints(2),
          ]),
        )
      }
    return b.add('Reshape', [b.add('Concat', parts, { axis: 2 }), b.ints(s.outputs, s.inputs, s.kernel, s.kernel)])
  },
}

const inputWays: Record<string, Way> = {
  ConvTranspose(b, s) {
    const p = pad(s)
    const o = s.size - ((outOf(s) - 1) * s.stride + s.kernel - 2 * p)
    return b.add('ConvTranspose', ['dy', 'w'], {
      kernel_shape: [s.kernel, s.kernel],
      strides: [s.stride, s.stride],
      pads: [p, p, p, p],
      output_padding: [o, o],
    })
  },
  'Conv with turned filter'(b, s) {
    if (s.stride !== 1) return ''
    const p = s.kernel - 1 - pad(s)
    const t = b.add('Transpose', ['w'], { perm: [1, 0, 2, 3] })
    const flipped = b.add('Slice', [t, b.ints(-1, -1), b.ints(-1000, -1000), b.ints(2, 3), b.ints(-1, -1)])
    return b.add('Conv', ['dy', flipped], { kernel_shape: [s.kernel, s.kernel], pads: [p, p, p, p] })
  },
}

const forwardWays: Record<string, Way> = {
  Conv(b, s) {
    const p = pad(s)
    return b.add('Conv', ['x', 'w'], {
      kernel_shape: [s.kernel, s.kernel],
      strides: [s.stride, s.stride],
      pads: [p, p, p, p],
    })
  },
}

const ort = await loadOrt()
const random = (n: number): Float32Array => randomTensor(`numbers ${n}`, [n], -1, 1).data

async function session(way: Way, s: Shape): Promise<(() => Promise<Float32Array>) | undefined> {
  const b = new Builder()
  const out = way(b, s)
  if (out === '') return undefined
  const all = {
    x: [s.images, s.inputs, s.size, s.size],
    dy: [s.images, s.outputs, outOf(s), outOf(s)],
    w: [s.outputs, s.inputs, s.kernel, s.kernel],
  }
  const used = Object.entries(all).filter(([name]) => b.nodes.some(({ inputs }) => inputs.includes(name)))
  const model = encodeGraph({
    name: 'g',
    inputs: used.map(([name, shape]) => ({ name, type: 'float32' as const, shape })),
    outputs: [{ name: out, type: 'float32', shape: ['a', 'b', 'c', 'd'] }],
    initializers: b.initializers,
    nodes: b.nodes,
  })
  const made = await ort.InferenceSession.create(model, { intraOpNumThreads: 2 })
  const feeds = Object.fromEntries(
    used.map(([name, shape]) => [name, new ort.Tensor('float32', data[name] as Float32Array, shape)]),
  )
  return async () => (await made.run(feeds, [out]))[out]?.data as Float32Array
}

let data: Record<string, Float32Array> = {}
for (const [name, s] of Object.entries(SHAPES)) {
  data = {
    x: random(s.images * s.inputs * s.size ** 2),
    dy: random(s.images * s.outputs * outOf(s) ** 2),
    w: random(s.outputs * s.inputs * s.kernel ** 2),
  }
  const flop = 2 * s.images * s.inputs * s.outputs * outOf(s) ** 2 * s.kernel ** 2
  for (const [group, ways] of [
    ['forward', forwardWays],
    ['filter', filterWays],
    ['input', inputWays],
  ] as const) {
    let first: Float32Array | undefined
    for (const [way, build] of Object.entries(ways)) {
      const run = await session(build, s)
      if (!run) continue
      const value = await run()
      first ??= value
      const wanted = first
      const off = value.reduce((most, v, i) => Math.max(most, Math.abs(v - (wanted[i] as number))), 0)
      let best = Infinity
      for (let round = 0; round < 12; round++) {
        const t = performance.now()
        await run()
        best = Math.min(best, performance.now() - t)
      }
      console.log(
        `${name} | ${group} | ${way} | ${best.toFixed(2)} ms | ${(flop / best / 1e6).toFixed(0)} GFLOP/s | ${off.toExponential(1)}`,
      )
    }
  }
}
