import { createRng, tensor, type Tensor } from '@tab/core'
import fc from 'fast-check'

const UNDER_ONE = 1 - 2 ** -24 // the last float32 before 1

/** Values at which a rounding leaves [0,1], and whatever lies between. */
const FILLS: Readonly<Record<string, (y: number, x: number, channel: number, draw: () => number) => number>> = {
  black: () => 0,
  white: () => 1,
  'just under white': () => UNDER_ONE,
  'smallest above black': () => 2 ** -149,
  chequered: (y, x) => (y + x) % 2,
  'chequered by twos': (y, x) => ((y >> 1) + (x >> 1)) % 2,
  'chequered, channels apart': (y, x, channel) => (y + x + channel) % 2,
  'chequered, just under white': (y, x) => ((y + x) % 2) * UNDER_ONE,
  'black or white by coin': (_, __, ___, draw) => Math.round(draw()),
  'nearly white': (_, __, ___, draw) => 1 - draw() * 2 ** -22,
  random: (_, __, ___, draw) => draw(),
}

/** An image [height,width,3] that lies at the ends of [0,1]. */
export function extremeImage(fill: string, height: number, width: number, seed: number): Tensor {
  const rng = createRng(seed)
  const data = new Float32Array(height * width * 3)
  for (let at = 0, pixel = 0; at < data.length; pixel++) {
    for (let channel = 0; channel < 3; channel++, at++) {
      const value = FILLS[fill]?.(Math.floor(pixel / width), pixel % width, channel, rng) as number
      data[at] = Math.min(1, value)
    }
  }
  return tensor([height, width, 3], data)
}

/** Any of them, of any size between; now and then a line of pixels or a very narrow image. */
export function extremeImages(smallest: number): fc.Arbitrary<{ image: Tensor; seed: number; what: string }> {
  const side = fc.integer({ min: smallest, max: smallest + 45 })
  const narrow = fc.tuple(fc.constant(smallest), fc.integer({ min: 150, max: 400 }))
  const size = fc.oneof(
    { arbitrary: fc.tuple(side, side), weight: 4 },
    { arbitrary: narrow, weight: 1 },
    { arbitrary: narrow.map(([short, long]): [number, number] => [long, short]), weight: 1 },
  )
  return fc
    .record({ fill: fc.constantFrom(...Object.keys(FILLS)), size, seed: fc.nat(2 ** 31) })
    .map(({ fill, size: [height, width], seed }) => ({
      image: extremeImage(fill, height, width, seed),
      seed,
      what: `${fill}, ${height} x ${width}, seed ${seed}`,
    }))
}
