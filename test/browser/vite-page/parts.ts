import { tensor, type Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'

const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 5 })

export const good: Tensor[] = [0, 1, 2, 3, 4, 5, 6, 7].map((index) => parts.normal(index).image)
export const spotted: Tensor = painted(parts.normal(20).image)

/** With a red square of 16 pixels in the middle. */
function painted({ shape, data }: Tensor): Tensor {
  const isInside = (at: number): boolean => at >= 24 && at < 40
  return tensor(
    shape,
    data.map((level, index) => {
      const [y, x] = [Math.floor(index / 192), Math.floor(index / 3) % 64]
      return isInside(y) && isInside(x) ? Number(index % 3 === 0) : level
    }),
  )
}
