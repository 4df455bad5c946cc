import { createRng, randomNormal, tensor, type Tensor } from '@tab/core'

/** A shaded, grainy disc on a plain ground. */
export function disc(height: number, width: number, radius = 0.35): Tensor {
  const rng = createRng(`disc ${height} ${width}`)
  const data = new Float32Array(height * width * 3)
  for (let pixel = 0; pixel < height * width; pixel++) {
    const [dy, dx] = [Math.floor(pixel / width) / height - 0.5, (pixel % width) / width - 0.5]
    const inside = dy * dy + dx * dx < radius * radius
    const grain = 0.03 * randomNormal(rng)
    for (let c = 0; c < 3; c++) {
      const value = inside ? 0.5 + 0.3 * dx + 0.08 * c + grain : 0.12 + 0.2 * grain
      data[pixel * 3 + c] = Math.min(1, Math.max(0, value))
    }
  }
  return tensor([height, width, 3], data)
}

/** Fine grain of one kind everywhere: a texture. */
export function texture(height: number, width: number): Tensor {
  const rng = createRng(`texture ${height} ${width}`)
  const data = Float32Array.from({ length: height * width * 3 }, () =>
    Math.min(1, Math.max(0, 0.5 + 0.12 * randomNormal(rng))),
  )
  return tensor([height, width, 3], data)
}
