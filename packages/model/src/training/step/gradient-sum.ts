import * as tf from '@tensorflow/tfjs'
import type { LossWeights } from '../settings.ts'
import type { LossTerms } from './loss-terms.ts'
import type { PassResult } from './pass-gradients.ts'

/** Mean of the losses and gradients of the passes of a step. */
export interface GradientSum {
  /** By name; disposed of with the sum. */
  readonly gradients: ReadonlyMap<string, tf.Tensor>
  /** Adds a pass, and frees it. */
  add(pass: PassResult): void
  /** Reads the loss, its terms and the norm of all gradients together. */
  read(): Promise<{ readonly loss: number; readonly terms: LossTerms<number>; readonly norm: number }>
  dispose(): void
}

/** An empty sum of `passes` passes, each of which counts equally. */
export function gradientSum(passes: number): GradientSum {
  const gradients = new Map<string, tf.Tensor>()
  const losses: PassResult[] = []
  return {
    gradients,
    add(pass) {
      losses.push(pass)
      for (const [name, gradient] of pass.gradients) {
        const before = gradients.get(name)
        gradients.set(
          name,
          tf.tidy(() => (before ? tf.add(before, tf.div(gradient, passes)) : tf.div(gradient, passes))),
        )
        tf.dispose([gradient, ...(before ? [before] : [])])
      }
    },
    async read() {
      let loss = 0
      const terms: Partial<Record<keyof LossWeights, number>> = {}
      for (const pass of losses) {
        loss += (await numberOf(pass.total)) / passes
        for (const [name, term] of Object.entries(pass.terms) as [keyof LossWeights, tf.Scalar][]) {
          terms[name] = (terms[name] ?? 0) + (await numberOf(term)) / passes
        }
      }
      const squared = tf.tidy(() => tf.addN([...gradients.values()].map((gradient) => tf.sum(tf.square(gradient)))))
      const norm = Math.sqrt(await numberOf(squared))
      squared.dispose()
      return { loss, terms, norm }
    },
    dispose() {
      tf.dispose([...gradients.values(), ...losses.flatMap(({ total, terms }) => [total, ...Object.values(terms)])])
    },
  }
}

async function numberOf(scalar: tf.Tensor): Promise<number> {
  const [value] = await scalar.data()
  return value as number
}
