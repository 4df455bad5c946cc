import { beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { adamW, sgd } from '../src/training/optimizers/optimizer.ts'
import { warmupCosine } from '../src/training/optimizers/schedule.ts'
import { expectGolden, onEngine, readGolden, type GoldenArray } from './golden-file.ts'

type Named = Readonly<Record<string, GoldenArray>>

interface OptimizerRun {
  readonly optimizer: 'adamw' | 'sgd'
  readonly learningRate: number
  readonly headLearningRate: number
  readonly weightDecay: number
  readonly momentum: number
  readonly warmup: number
  readonly start: Named
  /** Of each step. */
  readonly gradients: readonly Named[]
  /** Parameters after each step. */
  readonly states: readonly Named[]
}

const golden = readGolden<{
  runs: OptimizerRun[]
  schedules: { steps: number; warmup: number; rates: number[] }[]
}>('optimizers.json')

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
})

describe('optimizers are those of torch', () => {
  test.each(golden.runs)(
    'five steps of $optimizer, weight decay $weightDecay, momentum $momentum',
    ({ optimizer: kind, weightDecay, momentum, start, gradients, states, ...run }) => {
      const before = tf.memory().numTensors
      const optimizer = kind === 'adamw' ? adamW(weightDecay) : sgd(momentum, weightDecay)
      const variables = new Map(
        Object.entries(start).map(([name, value]) => [name, tf.tidy(() => tf.variable(onEngine(value)))]),
      )
      try {
        for (const [step, given] of gradients.entries()) {
          const share = warmupCosine(step, gradients.length, run.warmup)
          tf.tidy(() => {
            const updates = [...variables].map(([name, variable]) => ({
              name,
              variable,
              gradient: onEngine(given[name] as GoldenArray),
              learningRate: share * (name.startsWith('heads/') ? run.headLearningRate : run.learningRate),
            }))
            optimizer.apply(updates, step)
          })
          for (const [name, variable] of variables) {
            expectGolden(`${name} after step ${step + 1}`, variable.dataSync(), states[step]?.[name]?.data ?? [])
          }
        }
      } finally {
        optimizer.dispose()
        tf.dispose([...variables.values()])
      }
      expect(tf.memory().numTensors).toBe(before)
    },
  )
})

describe('the schedule is that of torch', () => {
  test.each(golden.schedules)('$steps steps, warm-up $warmup', ({ steps, warmup, rates }) => {
    expectGolden(
      'rates',
      rates.map((_, step) => warmupCosine(step, steps, warmup)),
      rates,
    )
  })
})
