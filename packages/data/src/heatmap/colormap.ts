/** Red, green and blue, each 0 to 255, of a value from 0 (lowest) to 1 (highest). */
export type Colormap = (value: number) => readonly [red: number, green: number, blue: number]

/**
 * The Turbo colour map, from dark blue through green to dark red (Mikhailov 2019, in the polynomial form that d3 uses too).
 * @param value clipped to [0, 1]
 * @example
 * ```ts
 * import { turbo } from '@tab/data'
 *
 * console.log(turbo(0), turbo(0.5), turbo(1)) // [ 35, 23, 27 ] [ 149, 251, 81 ] [ 144, 12, 0 ]
 * ```
 */
export const turbo: Colormap = (value) => {
  const t = Math.min(1, Math.max(0, value))
  return [
    level(34.61 + t * (1172.33 - t * (10793.56 - t * (33300.12 - t * (38394.49 - t * 14825.05))))),
    level(23.31 + t * (557.33 + t * (1225.33 - t * (3574.96 - t * (1073.77 + t * 707.56))))),
    level(27.2 + t * (3211.1 - t * (15327.97 - t * (27814 - t * (22569.18 - t * 6838.66))))),
  ]
}

/**
 * From black to white, for print.
 * @param value clipped to [0, 1]
 * @example
 * ```ts
 * import { grayscale } from '@tab/data'
 *
 * console.log(grayscale(0.2)) // [ 51, 51, 51 ]
 * ```
 */
export const grayscale: Colormap = (value) => {
  const gray = level(255 * value)
  return [gray, gray, gray]
}

function level(value: number): number {
  return Math.round(Math.min(255, Math.max(0, value)))
}
