// Winograd's convolutions of 3x3 taps in tiles of 4x4 outputs, F(4x4,3x3) of Lavin and Gray (2016). Arrays are float32 in the memory of the
// engine; channels are multiples of 8. Planes are 36 matrices, one for each place in a tile of 6x6 values; `scratch` has room
// for 36 vectors of 4 values.

/** Bytes from a plane of `size` values to the next: a line of the cache is between them, or 36 of them would want the same place in it. */
function strideOf(size: i32): usize {
  return ((<usize>size) << 2) + 64
}

function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor))
}

/** B^T of six values, `step` bytes apart from `from`, to `to`. */
function spread(from: usize, to: usize, step: usize): void {
  const d0 = v128.load(from)
  const d1 = v128.load(from + step)
  const d2 = v128.load(from + 2 * step)
  const d3 = v128.load(from + 3 * step)
  const d4 = v128.load(from + 4 * step)
  const d5 = v128.load(from + 5 * step)
  const even = f32x4.sub(d4, times(d2, 4))
  const odd = f32x4.sub(d3, times(d1, 4))
  const evenHalf = f32x4.sub(d4, d2)
  const oddHalf = times(f32x4.sub(d3, d1), 2)
  v128.store(to, f32x4.add(f32x4.sub(times(d0, 4), times(d2, 5)), d4))
  v128.store(to + step, f32x4.add(even, odd))
  v128.store(to + 2 * step, f32x4.sub(even, odd))
  v128.store(to + 3 * step, f32x4.add(evenHalf, oddHalf))
  v128.store(to + 4 * step, f32x4.sub(evenHalf, oddHalf))
  v128.store(to + 5 * step, f32x4.add(f32x4.sub(times(d1, 4), times(d3, 5)), d5))
}

/** A^T of six values, `step` bytes apart: four. */
function gather(from: usize, to: usize, step: usize): void {
  const m0 = v128.load(from)
  const m1 = v128.load(from + step)
  const m2 = v128.load(from + 2 * step)
  const m3 = v128.load(from + 3 * step)
  const m4 = v128.load(from + 4 * step)
  const m5 = v128.load(from + 5 * step)
  const sum = f32x4.add(m1, m2)
  const difference = f32x4.sub(m1, m2)
  const farSum = f32x4.add(m3, m4)
  const farDifference = f32x4.sub(m3, m4)
  v128.store(to, f32x4.add(f32x4.add(m0, sum), farSum))
  v128.store(to + step, f32x4.add(difference, times(farDifference, 2)))
  v128.store(to + 2 * step, f32x4.add(sum, times(farSum, 4)))
  v128.store(to + 3 * step, f32x4.add(f32x4.add(difference, times(farDifference, 8)), m5))
}

/** A of four values, `step` bytes apart: six. */
function scatter(from: usize, to: usize, step: usize): void {
  const y0 = v128.load(from)
  const y1 = v128.load(from + step)
  const y2 = v128.load(from + 2 * step)
  const y3 = v128.load(from + 3 * step)
  const even = f32x4.add(y0, y2)
  const odd = f32x4.add(y1, y3)
  const farEven = f32x4.add(y0, times(y2, 4))
  const farOdd = f32x4.add(times(y1, 2), times(y3, 8))
  v128.store(to, y0)
  v128.store(to + step, f32x4.add(even, odd))
  v128.store(to + 2 * step, f32x4.sub(even, odd))
  v128.store(to + 3 * step, f32x4.add(farEven, farOdd))
  v128.store(to + 4 * step, f32x4.sub(farEven, farOdd))
  v128.store(to + 5 * step, y3)
}

/** G of three values to six. */
function widen(w0: v128, w1: v128, w2: v128, to: usize, step: usize): void {
  const outer = f32x4.add(w0, w2)
  const far = f32x4.add(times(w0, 1.0 / 24), times(w2, 1.0 / 6))
  const farMiddle = times(w1, 1.0 / 12)
  v128.store(to, times(w0, 0.25))
  v128.store(to + step, times(f32x4.add(outer, w1), -1.0 / 6))
  v128.store(to + 2 * step, times(f32x4.sub(outer, w1), -1.0 / 6))
  v128.store(to + 3 * step, f32x4.add(far, farMiddle))
  v128.store(to + 4 * step, f32x4.sub(far, farMiddle))
  v128.store(to + 5 * step, w2)
}

/** G^T of six values, `step` bytes apart: three. */
function narrow(from: usize, to: usize, step: usize): void {
  const s0 = v128.load(from)
  const s1 = v128.load(from + step)
  const s2 = v128.load(from + 2 * step)
  const s3 = v128.load(from + 3 * step)
  const s4 = v128.load(from + 4 * step)
  const s5 = v128.load(from + 5 * step)
  const near = times(f32x4.add(s1, s2), -1.0 / 6)
  const far = f32x4.add(s3, s4)
  const middle = f32x4.add(times(f32x4.sub(s2, s1), 1.0 / 6), times(f32x4.sub(s3, s4), 1.0 / 12))
  v128.store(to, f32x4.add(f32x4.add(times(s0, 0.25), near), times(far, 1.0 / 24)))
  v128.store(to + step, middle)
  v128.store(to + 2 * step, f32x4.add(f32x4.add(near, times(far, 1.0 / 6)), s5))
}

/** A value of an image, or zeros beyond its edge. */
function pixel(image: usize, height: i32, width: i32, channels: i32, y: i32, x: i32, offset: usize): v128 {
  if (y < 0 || y >= height || x < 0 || x >= width) return f32x4.splat(0)
  return v128.load(image + ((<usize>(y * width + x) * <usize>channels) << 2) + offset)
}

/** B^T d B of the tiles of images [count,height,width,channels] whose first tile begins at (-top, -left): planes [count x down x across,channels]. */
function spreadImages(
  images: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  top: i32,
  left: i32,
  down: i32,
  across: i32,
  planes: usize,
  scratch: usize,
): void {
  const bytes = (<usize>channels) << 2
  const stride = strideOf(count * down * across * channels)
  let row: usize = 0
  for (let n = 0; n < count; n++) {
    const image = images + <usize>(n * height * width) * bytes
    for (let ty = 0; ty < down; ty++) {
      for (let tx = 0; tx < across; tx++) {
        for (let offset: usize = 0; offset < bytes; offset += 16) {
          for (let i = 0; i < 6; i++) {
            for (let j = 0; j < 6; j++) {
              v128.store(
                scratch + ((<usize>(i * 6 + j)) << 4),
                pixel(image, height, width, channels, ty * 4 + i - top, tx * 4 + j - left, offset),
              )
            }
          }
          finish(scratch, planes, stride, row + offset)
        }
        row += bytes
      }
    }
  }
}

/** Both passes of B^T over the tile in the scratch, then its values to their planes. */
function finish(scratch: usize, planes: usize, stride: usize, at: usize): void {
  for (let j: usize = 0; j < 6; j++) spread(scratch + (j << 4), scratch + (j << 4), 96)
  for (let i: usize = 0; i < 6; i++) {
    spread(scratch + i * 96, scratch + i * 96, 16)
    for (let j: usize = 0; j < 6; j++) {
      v128.store(planes + (i * 6 + j) * stride + at, v128.load(scratch + i * 96 + (j << 4)))
    }
  }
}

/** A dy A^T of the tiles of gradients [count,height,width,channels]: planes [count x down x across,channels]. */
function spreadGradients(
  gradients: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  planes: usize,
  scratch: usize,
): void {
  const bytes = (<usize>channels) << 2
  const stride = strideOf(count * down * across * channels)
  let row: usize = 0
  for (let n = 0; n < count; n++) {
    const image = gradients + <usize>(n * height * width) * bytes
    for (let ty = 0; ty < down; ty++) {
      for (let tx = 0; tx < across; tx++) {
        for (let offset: usize = 0; offset < bytes; offset += 16) {
          for (let j = 0; j < 4; j++) {
            for (let i = 0; i < 4; i++) {
              v128.store(
                scratch + ((<usize>(i * 6 + j)) << 4),
                pixel(image, height, width, channels, ty * 4 + i, tx * 4 + j, offset),
              )
            }
            scatter(scratch + ((<usize>j) << 4), scratch + ((<usize>j) << 4), 96)
          }
          for (let i: usize = 0; i < 6; i++) {
            scatter(scratch + i * 96, scratch + i * 96, 16)
            for (let j: usize = 0; j < 6; j++) {
              v128.store(planes + (i * 6 + j) * stride + row + offset, v128.load(scratch + i * 96 + (j << 4)))
            }
          }
        }
        row += bytes
      }
    }
  }
}

/** G w G^T of filters [3,3,inputs x outputs]: planes [inputs x outputs]. */
export function spreadFilters(filters: usize, size: i32, planes: usize, scratch: usize): void {
  const bytes = (<usize>size) << 2
  const stride = strideOf(size)
  for (let at: usize = 0; at < bytes; at += 16) {
    for (let j: usize = 0; j < 3; j++) {
      const first = filters + j * bytes + at
      widen(v128.load(first), v128.load(first + 3 * bytes), v128.load(first + 6 * bytes), scratch + (j << 4), 96)
    }
    for (let i: usize = 0; i < 6; i++) {
      const line = scratch + i * 96
      widen(v128.load(line), v128.load(line + 16), v128.load(line + 32), line, 16)
      for (let j: usize = 0; j < 6; j++) {
        v128.store(planes + (i * 6 + j) * stride + at, v128.load(line + (j << 4)))
      }
    }
  }
}

/** G^T s G of planes [size]: the gradient of filters [3,3,size]. */
function gatherFilters(planes: usize, size: i32, filters: usize, scratch: usize): void {
  const bytes = (<usize>size) << 2
  const stride = strideOf(size)
  for (let at: usize = 0; at < bytes; at += 16) {
    for (let i: usize = 0; i < 6; i++) {
      const line = scratch + i * 96
      for (let j: usize = 0; j < 6; j++) {
        v128.store(line + (j << 4), v128.load(planes + (i * 6 + j) * stride + at))
      }
      narrow(line, line, 16)
    }
    for (let j: usize = 0; j < 3; j++) {
      narrow(scratch + (j << 4), scratch + (j << 4), 96)
      for (let i: usize = 0; i < 3; i++) {
        v128.store(filters + (i * 3 + j) * bytes + at, v128.load(scratch + i * 96 + (j << 4)))
      }
    }
  }
}

/** A^T m A of planes [count x down x across,channels]: images [count,height,width,channels]. */
function gatherImages(
  planes: usize,
  count: i32,
  height: i32,
  width: i32,
  channels: i32,
  down: i32,
  across: i32,
  images: usize,
  scratch: usize,
): void {
  const bytes = (<usize>channels) << 2
  const stride = strideOf(count * down * across * channels)
  let row: usize = 0
  for (let n = 0; n < count; n++) {
    const image = images + <usize>(n * height * width) * bytes
    for (let ty = 0; ty < down; ty++) {
      for (let tx = 0; tx < across; tx++) {
        for (let offset: usize = 0; offset < bytes; offset += 16) {
          for (let i: usize = 0; i < 6; i++) {
            const line = scratch + i * 96
            for (let j: usize = 0; j < 6; j++) {
              v128.store(line + (j << 4), v128.load(planes + (i * 6 + j) * stride + row + offset))
            }
            gather(line, line, 16)
          }
          for (let j = 0; j < 4; j++) {
            const x = tx * 4 + j
            if (x >= width) break
            gather(scratch + ((<usize>j) << 4), scratch + ((<usize>j) << 4), 96)
            for (let i = 0; i < 4; i++) {
              const y = ty * 4 + i
              if (y >= height) break
              const value = v128.load(scratch + <usize>i * 96 + ((<usize>j) << 4))
              v128.store(image + <usize>(y * width + x) * bytes + offset, value)
            }
          }
        }
        row += bytes
      }
    }
  }
}

/** Six rows by eight columns of a product. */
function sixRows(a: usize, aRow: usize, aStep: usize, b: usize, line: usize, c: usize, depth: i32): void {
  let p0 = f32x4.splat(0)
  let p1 = p0
  let p2 = p0
  let p3 = p0
  let p4 = p0
  let p5 = p0
  let q0 = p0
  let q1 = p0
  let q2 = p0
  let q3 = p0
  let q4 = p0
  let q5 = p0
  const a1 = a + aRow
  const a2 = a1 + aRow
  const a3 = a2 + aRow
  const a4 = a3 + aRow
  const a5 = a4 + aRow
  let at: usize = 0
  for (let k = 0; k < depth; k++) {
    const left = v128.load(b)
    const right = v128.load(b, 16)
    let x = v128.load32_splat(a + at)
    p0 = f32x4.add(p0, f32x4.mul(x, left))
    q0 = f32x4.add(q0, f32x4.mul(x, right))
    x = v128.load32_splat(a1 + at)
    p1 = f32x4.add(p1, f32x4.mul(x, left))
    q1 = f32x4.add(q1, f32x4.mul(x, right))
    x = v128.load32_splat(a2 + at)
    p2 = f32x4.add(p2, f32x4.mul(x, left))
    q2 = f32x4.add(q2, f32x4.mul(x, right))
    x = v128.load32_splat(a3 + at)
    p3 = f32x4.add(p3, f32x4.mul(x, left))
    q3 = f32x4.add(q3, f32x4.mul(x, right))
    x = v128.load32_splat(a4 + at)
    p4 = f32x4.add(p4, f32x4.mul(x, left))
    q4 = f32x4.add(q4, f32x4.mul(x, right))
    x = v128.load32_splat(a5 + at)
    p5 = f32x4.add(p5, f32x4.mul(x, left))
    q5 = f32x4.add(q5, f32x4.mul(x, right))
    at += aStep
    b += 32
  }
  put(c, p0, q0)
  put(c + line, p1, q1)
  put(c + 2 * line, p2, q2)
  put(c + 3 * line, p3, q3)
  put(c + 4 * line, p4, q4)
  put(c + 5 * line, p5, q5)
}

function oneRow(a: usize, aStep: usize, b: usize, c: usize, depth: i32): void {
  let p = f32x4.splat(0)
  let q = p
  for (let k = 0; k < depth; k++) {
    const x = v128.load32_splat(a)
    p = f32x4.add(p, f32x4.mul(x, v128.load(b)))
    q = f32x4.add(q, f32x4.mul(x, v128.load(b, 16)))
    a += aStep
    b += 32
  }
  put(c, p, q)
}

function put(c: usize, left: v128, right: v128): void {
  v128.store(c, left)
  v128.store(c, right, 16)
}

/**
 * The products of 36 planes: a [rows,depth] (or [depth,rows], transposed) by b [depth,columns], into c [rows,columns]. Eight columns of b at a
 * time are copied to `packed` and stay in the first cache while all rows pass by.
 */
function multiply(
  a: usize,
  b: usize,
  c: usize,
  rows: i32,
  depth: i32,
  columns: i32,
  transposed: bool,
  packed: usize,
): void {
  const aRow: usize = transposed ? 4 : (<usize>depth) << 2
  const aStep: usize = transposed ? (<usize>rows) << 2 : 4
  const line = (<usize>columns) << 2
  for (let place = 0; place < 36; place++) {
    for (let column: usize = 0; column < line; column += 32) {
      for (let k: usize = 0; k < <usize>depth; k++) {
        v128.store(packed + (k << 5), v128.load(b + k * line + column))
        v128.store(packed + (k << 5), v128.load(b + k * line + column, 16), 16)
      }
      let row = 0
      for (; row + 6 <= rows; row += 6) {
        sixRows(a + <usize>row * aRow, aRow, aStep, packed, line, c + <usize>row * line + column, depth)
      }
      for (; row < rows; row++) {
        oneRow(a + <usize>row * aRow, aStep, packed, c + <usize>row * line + column, depth)
      }
    }
    a += strideOf(rows * depth)
    b += strideOf(depth * columns)
    c += strideOf(rows * columns)
  }
}

/** Words of a job, which is an array of int32; sizes are those of the images that are read and written. */
const ACTIVE = 1 // threads at work
const OPEN = 2 // whether there is work
const NEXT = 3 // part that is taken next
const PARTS = 4
const KIND = 5 // 0: a convolution; 1: the gradient by its filter
const COUNT = 6 // images
const LENGTH = 7 // images of a part
const IN_HEIGHT = 8
const IN_WIDTH = 9
const IN_CHANNELS = 10
const OUT_HEIGHT = 11
const OUT_WIDTH = 12
const OUT_CHANNELS = 13
const TOP = 14
const LEFT = 15
const DOWN = 16
const ACROSS = 17
const INPUT = 18 // addresses from here on
const OUTPUT = 19 // or its gradient
const FILTERS = 20 // planes; or the gradients of the parts, [3,3,inputs,outputs] each
const ROOM = 21 // of the first thread
const ROOM_BYTES = 22 // of each

function word(job: usize, index: i32): i32 {
  return load<i32>(job + ((<usize>index) << 2))
}

/** Takes parts of a job until none is left. Any number of threads do so at once, each with a room of its own. */
export function work(job: usize, thread: i32): void {
  atomic.add<i32>(job + (ACTIVE << 2), 1)
  if (atomic.load<i32>(job + (OPEN << 2)) != 0) {
    while (true) {
      const part = atomic.add<i32>(job + (NEXT << 2), 1)
      if (part >= word(job, PARTS)) break
      run(job, part, thread)
    }
  }
  atomic.sub<i32>(job + (ACTIVE << 2), 1)
}

function run(job: usize, part: i32, thread: i32): void {
  const length = word(job, LENGTH)
  const first = part * length
  const count = min(length, word(job, COUNT) - first)
  const height = word(job, IN_HEIGHT)
  const width = word(job, IN_WIDTH)
  const inputs = word(job, IN_CHANNELS)
  const outHeight = word(job, OUT_HEIGHT)
  const outWidth = word(job, OUT_WIDTH)
  const outputs = word(job, OUT_CHANNELS)
  const down = word(job, DOWN)
  const across = word(job, ACROSS)
  const tiles = down * across
  const scratch = <usize>word(job, ROOM) + <usize>thread * <usize>word(job, ROOM_BYTES)
  const packed = scratch + 576
  const left = packed + ((<usize>max(inputs, length * tiles)) << 5)
  const right = left + 36 * strideOf(length * tiles * inputs)
  const images = <usize>word(job, INPUT) + ((<usize>(first * height * width * inputs)) << 2)
  const results = <usize>word(job, OUTPUT) + ((<usize>(first * outHeight * outWidth * outputs)) << 2)
  spreadImages(images, count, height, width, inputs, word(job, TOP), word(job, LEFT), down, across, left, scratch)
  if (word(job, KIND) == 0) {
    multiply(left, <usize>word(job, FILTERS), right, count * tiles, inputs, outputs, false, packed)
    gatherImages(right, count, outHeight, outWidth, outputs, down, across, results, scratch)
  } else {
    const sums = right + 36 * strideOf(length * tiles * outputs)
    const size = inputs * outputs
    spreadGradients(results, count, outHeight, outWidth, outputs, down, across, right, scratch)
    multiply(left, right, sums, inputs, count * tiles, outputs, true, packed)
    gatherFilters(sums, size, <usize>word(job, FILTERS) + <usize>(part * size) * 36, scratch)
  }
}

/** Adds arrays of `size` numbers, one after the other, in their order: sums do not depend on which thread was faster. */
export function sumParts(parts: usize, count: i32, size: i32, target: usize): void {
  const bytes = (<usize>size) << 2
  for (let at: usize = 0; at < bytes; at += 16) {
    let sum = v128.load(parts + at)
    for (let part = 1; part < count; part++) sum = f32x4.add(sum, v128.load(parts + <usize>part * bytes + at))
    v128.store(target + at, sum)
  }
}
