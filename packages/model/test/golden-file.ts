import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'

/** An array as the Python scripts of `golden/` write it. */
export interface GoldenArray {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** Reads a JSON file of `golden/`. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`golden/${name}`, import.meta.url), 'utf8')) as T
}

export function onEngine<T extends tf.Tensor>({ shape, data }: GoldenArray): T {
  return tf.tensor([...data], [...shape], 'float32') as T
}

/** Each value within 1e-5 of max(1, |golden value|). */
export function expectGolden(name: string, actual: ArrayLike<number>, golden: ArrayLike<number>): void {
  expect(`${name}: ${actual.length} values`).toBe(`${name}: ${golden.length} values`)
  let worst = 0
  for (let i = 0; i < golden.length; i++) {
    const [value, wanted] = [actual[i] as number, golden[i] as number]
    const error = Math.abs(value - wanted) / Math.max(1, Math.abs(wanted))
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error)
  }
  expect(`${name}: ${worst < 1e-5 ? 'as torch' : `off by ${worst}`}`).toBe(`${name}: as torch`)
}
