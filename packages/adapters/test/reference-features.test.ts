import { describe, expect, test } from '@jest/globals'
import { referencePatchFeatures } from '@tab/adapters'
import { tensor, type Tensor } from '@tab/core'
import { ensureClose, randomTensor } from '@tab/core/testing'

type Vector = number[]

/** torch's adaptive_avg_pool1d of one row. */
function adaptiveAverage(values: Vector, length: number): Vector {
  return Array.from({ length }, (_, bin) => {
    const part = values.slice(
      Math.floor((bin * values.length) / length),
      Math.ceil(((bin + 1) * values.length) / length),
    )
    return part.reduce((sum, value) => sum + value, 0) / part.length
  })
}

/** torch's unfold(3, padding 1) at one position: channel by channel, row by row. */
function unfold({ shape, data }: Tensor, y: number, x: number): Vector {
  const [, height, width, channels] = shape as [number, number, number, number]
  const values: Vector = []
  for (let c = 0; c < channels; c++) {
    for (let row = y - 1; row <= y + 1; row++) {
      for (let column = x - 1; column <= x + 1; column++) {
        const inside = row >= 0 && row < height && column >= 0 && column < width
        values.push(inside ? (data[(row * width + column) * channels + c] as number) : 0)
      }
    }
  }
  return values
}

describe('referencePatchFeatures', () => {
  test.each([
    ['more values than 1024', 130, 300],
    ['fewer', 3, 5],
  ])('equals the steps of the reference implementation, one after the other: %s', (_, fineChannels, coarseChannels) => {
    const fine = randomTensor('fine', [1, 4, 6, fineChannels])
    const coarse = randomTensor('coarse', [1, 2, 3, coarseChannels])
    const found = referencePatchFeatures([fine, coarse])
    expect([found.height, found.width]).toEqual([4, 6])
    const wanted: number[] = []
    for (let y = 0; y < 4; y++) {
      for (let x = 0; x < 6; x++) {
        // As there: unfolded patches are resized over the grid first, then averaged to 1024.
        const [sy, sx] = [Math.max(0, (y + 0.5) / 2 - 0.5), Math.max(0, (x + 0.5) / 2 - 0.5)]
        const [top, left] = [Math.floor(sy), Math.floor(sx)]
        const corners = [
          { patch: unfold(coarse, top, left), weight: (1 - (sy % 1)) * (1 - (sx % 1)) },
          { patch: unfold(coarse, top, Math.min(2, left + 1)), weight: (1 - (sy % 1)) * (sx % 1) },
          { patch: unfold(coarse, Math.min(1, top + 1), left), weight: (sy % 1) * (1 - (sx % 1)) },
          { patch: unfold(coarse, Math.min(1, top + 1), Math.min(2, left + 1)), weight: (sy % 1) * (sx % 1) },
        ]
        const resized = Array.from({ length: coarseChannels * 9 }, (_value, i) =>
          corners.reduce((sum, { patch, weight }) => sum + weight * (patch[i] as number), 0),
        )
        const stacked = [...adaptiveAverage(unfold(fine, y, x), 1024), ...adaptiveAverage(resized, 1024)]
        wanted.push(...adaptiveAverage(stacked, 1024))
      }
    }
    ensureClose('vectors', found.vectors, tensor([24, 1024], Float32Array.from(wanted)), {
      absolute: 1e-6,
      relative: 1e-5,
    })
  })
})
