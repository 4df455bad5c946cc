import type { Rng } from '@tab/core'

/** The scene at one point; written in place, as it is evaluated at every pixel. */
export interface SurfacePoint {
  /** 1 on the part, 0 on the background, between them at the edge. */
  coverage: number
  /** Height of the part's surface, in the unit of the coordinates. */
  height: number
  red: number
  green: number
  blue: number
  /** Strength of the highlight. */
  gloss: number
}

/** A part as a function of coordinates in [-0.5, 0.5] across the shorter side; (0, 0) is its middle. */
export type Surface = (x: number, y: number, point: SurfacePoint) => void

/** A part with its own random details, and how it may be placed in the image. */
export interface Part {
  readonly surface: Surface
  /** A texture fills the picture and has no border. */
  readonly texture: boolean
  /** The background, which also shows through holes, as RGB. */
  readonly ground: readonly [number, number, number]
  /** Largest turn in radians, either way. */
  readonly maximumTurn: number
  /** Largest shift, in the unit of the coordinates. */
  readonly maximumShift: number
  /** Distance that the middle of a defect keeps from holes and borders. Default 0.035; less where a part is narrow. */
  readonly clearance?: number
  /** Light passes through, so that a crack glints instead of swallowing it. Default false. */
  readonly clear?: boolean
}

/** Makes one specimen of a kind; `pixel` is the size of a pixel in the unit of the coordinates. */
export type PartFactory = (rng: Rng, pixel: number) => Part

/** The surface of a part with one kind of defect at a random place. */
export type DefectFactory = (part: Part, rng: Rng, pixel: number) => Surface

/** 1 well inside a shape, 0 well outside, and a slope of one pixel between, from its signed distance (negative inside). */
export function edge(distance: number, pixel: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / pixel))
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = Math.min(1, Math.max(0, (x - low) / (high - low)))
  return t * t * (3 - 2 * t)
}

/** Signed distance (negative inside) from a rectangle around (0, 0) with rounded corners. */
export function boxDistance(x: number, y: number, halfWidth: number, halfHeight: number, radius = 0): number {
  const [dx, dy] = [Math.abs(x) - halfWidth + radius, Math.abs(y) - halfHeight + radius]
  const [ox, oy] = [Math.max(0, dx), Math.max(0, dy)]
  return Math.sqrt(ox * ox + oy * oy) + Math.min(0, Math.max(dx, dy)) - radius
}

/** x²; unlike a power, a product is the same to the last digit on every platform. */
export function square(x: number): number {
  return x * x
}

/** A seed for noise from a generator. */
export function noiseSeed(rng: Rng): number {
  return Math.floor(rng() * 4294967296) | 0
}
