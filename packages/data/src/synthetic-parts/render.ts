import { randomUniform, type Rng } from '@tab/core'
import { square, type Surface, type SurfacePoint } from './surface.ts'
import { fractalNoise } from './value-noise.ts'

/** How a part is placed, lit and photographed. */
export interface Scene {
  readonly height: number
  readonly width: number
  /** Rotation as cosine and sine, scale, and shift in the unit of the coordinates. */
  readonly cosine: number
  readonly sine: number
  readonly scale: number
  readonly shift: readonly [number, number]
  /** Direction towards the lamp, length 1. */
  readonly light: readonly [number, number, number]
  readonly exposure: number
  readonly ground: readonly [number, number, number]
  readonly groundSeed: number
}

const AMBIENT = 0.42
const RELIEF = 1.6 // slopes look steeper than they are, as in grazing light

/** The photograph without noise: [H*W*3] in [0,1]. */
export function render(surface: Surface, scene: Scene): Float32Array {
  const { height, width, ground, light, exposure } = scene
  const unit = 1 / Math.min(height, width)
  const point: SurfacePoint = { coverage: 0, height: 0, red: 0, green: 0, blue: 0, gloss: 0 }
  const heights = new Float32Array((height + 1) * (width + 1))
  const matter = new Float32Array(height * width * 5)
  for (let row = 0; row <= height; row++) {
    for (let column = 0; column <= width; column++) {
      const px = (column + 0.5 - width / 2) * unit - scene.shift[0]
      const py = (row + 0.5 - height / 2) * unit - scene.shift[1]
      const x = (px * scene.cosine + py * scene.sine) / scene.scale
      const y = (py * scene.cosine - px * scene.sine) / scene.scale
      surface(x, y, point)
      heights[row * (width + 1) + column] = point.height * point.coverage
      if (row === height || column === width) continue
      const at = (row * width + column) * 5
      matter[at] = point.coverage
      matter[at + 1] = point.red
      matter[at + 2] = point.green
      matter[at + 3] = point.blue
      matter[at + 4] = point.gloss
    }
  }

  const image = new Float32Array(height * width * 3)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const here = row * (width + 1) + column
      const base = heights[here] as number
      const slopeX = (((heights[here + 1] as number) - base) / unit) * RELIEF
      const slopeY = (((heights[here + width + 1] as number) - base) / unit) * RELIEF
      const length = Math.sqrt(slopeX * slopeX + slopeY * slopeY + 1)
      const [nx, ny, nz] = [-slopeX / length, -slopeY / length, 1 / length]
      const facing = Math.max(0, nx * light[0] + ny * light[1] + nz * light[2])
      // Reflection towards a camera that looks straight down.
      const mirror = Math.max(0, 2 * facing * nz - light[2])
      const highlight = square(square(square(mirror)))

      const at = (row * width + column) * 5
      const coverage = matter[at] as number
      const gloss = (matter[at + 4] as number) * highlight
      const [dx, dy] = [(column + 0.5) / width - 0.5, (row + 0.5) / height - 0.5]
      const vignette = exposure * (1 - 0.35 * (dx * dx + dy * dy))
      const dust = 0.75 + 0.5 * fractalNoise(dx * 30, dy * 30, scene.groundSeed, 3)
      const lit = AMBIENT + (1 - AMBIENT) * facing
      for (let channel = 0; channel < 3; channel++) {
        const part = (matter[at + 1 + channel] as number) * lit + gloss
        const below = (ground[channel] as number) * dust
        const value = vignette * (coverage * part + (1 - coverage) * below)
        image[(row * width + column) * 3 + channel] = Math.min(1, Math.max(0, value))
      }
    }
  }
  return image
}

/** Adds sensor noise in place, one part growing with the light and one constant, then rounds to 8 bits. */
export function addSensorNoise(image: Float32Array, rng: Rng): void {
  const gain = randomUniform(rng, 0.008, 0.012)
  for (let i = 0; i < image.length; i++) {
    const value = image[i] as number
    // The sum of three uniform numbers has a bell-shaped density of variance 1/4.
    const bell = 2 * (rng() + rng() + rng() - 1.5)
    const noisy = value + bell * gain * (0.35 + Math.sqrt(value))
    image[i] = Math.round(Math.min(1, Math.max(0, noisy)) * 255) / 255
  }
}
