import { latticeValue } from './value-noise.ts'

const WORDS = 901 // seed of the one text that every label of a kind bears

/**
 * 1 where ink is in a line of print, 0 elsewhere: made-up letters of 4 x 5 dots in words of various lengths. `x` runs along the line and `y`
 * from 0 (top) to 1 (bottom), both in heights of a letter; `line` tells the lines apart, and the line ends
 * after so many `letters`.
 */
export function printedText(x: number, y: number, line: number, letters: number): number {
  if (y < 0 || y >= 1) return 0
  const letter = Math.floor(x / 0.9)
  const across = x - letter * 0.9
  if (letter < 0 || letter >= letters) return 0
  if (across >= 0.72 || latticeValue(letter, line, WORDS) < 0.16) return 0
  const [column, row] = [Math.floor(across / 0.18), Math.floor(y * 5)]
  const stem = column === 0 || row === (letter + line) % 5
  return stem || latticeValue(letter * 4 + column, line * 5 + row, WORDS + 1) < 0.42 ? 1 : 0
}
