import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { readSafetensors, type Tensor } from '@tab/core'
import { weightsDigest } from '@tab/model'
import { pretrain, type AnomalyStream, type PretrainOptions, type PretrainResult } from '@tab/model/training'
import { inThisThread } from '../../src/training/batches/pair-stream.ts'
import { splitClasses } from '../../src/training/batches/training-class.ts'
import { alignmentNetwork } from '../../src/training/network/alignment-network.ts'
import { validate } from '../../src/training/validation/validate.ts'
import { base, memoryStore, settings, someClass, square } from './small-training.ts'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

/** One value after the other, a call each. */
const told = (...values: readonly number[]): (() => number) => {
  let call = 0
  return () => values[call++] as number
}
const one = (): PretrainOptions => ({ ...base(), classes: [someClass('bolt')] })

/** Scores of the held-out pairs by weights that were returned, in another network. */
async function scoresBy({ backbone, alignment }: PretrainResult, options: PretrainOptions): Promise<number[]> {
  const { classes, seed } = options
  const of = { ...settings, ...options.settings }
  const network = alignmentNetwork(backbone, classes, 8, of, 99)
  for (const [name, { shape, data }] of alignment.heads) {
    tf.tidy(() => network.heads.get(name)?.assign(tf.tensor(data, [...shape])))
  }
  const found: number[] = []
  const measure = (scores: readonly number[]): number => found.push(...scores)
  const splits = splitClasses(classes, 0.5, seed)
  await validate({ network, classes, splits, anomalies: inThisThread(square), seed }, { every: 1, share: 0.5, measure })
  network.dispose()
  return found
}

describe('the weights that a validation judges', () => {
  test.each([
    ['the last ones', { batchNorm: 'train', ema: null }],
    ['their averages, with averaged running statistics', { batchNorm: 'train', ema: 0.6 }],
    ['their averages, with frozen BatchNorm', { batchNorm: 'frozen', ema: 0.6 }],
  ] as const)('are those returned: %s', async (_, change) => {
    const seen: (readonly number[])[] = []
    const measure = (scores: readonly number[]): number => seen.push(scores)
    const options = {
      ...one(),
      settings: { ...settings, ...change, learningRate: 0.01 },
      validation: { every: 2, share: 0.5, measure },
    }
    const result = await pretrain(options)
    expect(seen).toHaveLength(3)
    expect(await scoresBy(result, options)).toEqual(seen.at(-1))
    expect(result.returned).toEqual({ step: 4, value: 3 })
    expect(seen[1]).not.toEqual(seen[2])
  })

  test.each([null, 0.6])('with patience the best ones are returned, not the last; average %s', async (ema) => {
    const store = memoryStore()
    const seen: (readonly number[])[] = []
    const values = told(0.2, 0.5, 0.9, 0.9, 0.3, 0.8)
    const measure = (scores: readonly number[]): number => (seen.push(scores), values())
    const options = {
      ...one(),
      settings: { ...settings, steps: 9, ema, learningRate: 0.01 },
      validation: { every: 1, share: 0.5, measure, patience: 2 },
      checkpoints: { store, every: 1 },
    }
    const result = await pretrain(options)
    expect(result).toMatchObject({ stoppedEarly: true, returned: { step: 2, value: 0.9 } })
    expect(result.validations.map(({ value }) => value)).toEqual([0.2, 0.5, 0.9, 0.9, 0.3])
    expect(await scoresBy(result, options)).toEqual(seen[2])
    const { entries } = readSafetensors(store.saved[1] as Uint8Array)
    const group = ema === null ? 'weights' : 'averages'
    const kept = entries.get(`${group}/heads/image.fc1.weight`)?.toTensor() as Tensor
    expect(result.alignment.heads.get('image.fc1.weight')).toEqual(kept)

    const stopped = await pretrain({ ...options, validation: { ...options.validation, measure: told(1, 1, 1) } })
    expect(stopped).toMatchObject({ stoppedEarly: true, history: [], returned: { step: 2, value: 0.9 } })
    expect(weightsDigest(stopped.backbone)).toBe(weightsDigest(result.backbone))
    expect(stopped.alignment).toEqual(result.alignment)
  })

  test('a training that never gets better returns what it began with', async () => {
    const validation = { every: 1, share: 0.5, measure: told(0.7, 0.6, 0.5), patience: 2 }
    const options = { ...one(), validation }
    const result = await pretrain(options)
    expect(result.returned).toEqual({ step: 0, value: 0.7 })
    expect(weightsDigest(result.backbone)).toBe(weightsDigest(options.backbone))
  })

  test('each class counts by its held-out images', async () => {
    const classes = [someClass('bolt', 20), someClass('nut', 30)]
    const validation = { every: 9, share: 0.5, measure: (scores: readonly number[]) => scores.length }
    const { validations, judgedImages } = await pretrain({
      ...base(),
      ...{ classes, settings: { ...settings, steps: 1 }, validation },
    })
    expect(validations[0]?.value).toBe((10 * 20 + 15 * 30) / 25)
    expect(judgedImages).toBe(25)
  })
})

describe('a stop', () => {
  const forever = new Promise<never>(() => undefined)
  /** Answers for some images, and then never again. */
  const silentFrom = (count: number): AnomalyStream =>
    async function* (images, place) {
      let made = 0
      for await (const anomaly of inThisThread(square)(images, place)) {
        if (made++ === count) await forever
        yield anomaly
      }
    }
  const unread = { ...someClass('bolt'), images: { length: 8, read: () => forever } }

  test.each<[string, Partial<PretrainOptions>]>([
    ['an image of a validation', { classes: [unread], validation: { every: 1, share: 0.5, measure: () => 0.5 } }],
    [
      'an anomaly of a validation',
      { anomalies: silentFrom(1), validation: { every: 1, share: 0.5, measure: () => 1 } },
    ],
    ['an image of a step', { classes: [unread] }],
    ['an anomaly of a step', { anomalies: silentFrom(6) }],
  ])('ends a training that waits for %s that never comes', async (_, change) => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 50)
    const run = pretrain({ ...one(), ...change, signal: stop.signal })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('is heard while a validation computes', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 0)
    const measure = (): number => {
      throw new Error('the validation went on to its end')
    }
    const options = { ...one(), classes: [someClass('bolt', 200)], validation: { every: 1, share: 0.9, measure } }
    await expect(pretrain({ ...options, signal: stop.signal })).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
