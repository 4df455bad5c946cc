import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import {
  createRng,
  TabError,
  tensor,
  tensorOf,
  type AnomalySynthesizer,
  type SyntheticAnomaly,
  type Tensor,
} from '@tab/core'
import { loadAlignment, saveAlignment, weightsDigest } from '@tab/model'
import { checkpointFile } from '@tab/model/node'
import {
  pretrain,
  PRETRAIN_PRESETS,
  type AnomalyStream,
  type CheckpointStore,
  type PretrainOptions,
  type PretrainSettings,
  type TrainingClass,
} from '@tab/model/training'
import { base, memoryStore, settings, someClass, square, unit } from './small-training.ts'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

describe('pretrain', () => {
  test('learns: the loss falls, and held-out anomalies are told from normal images', async () => {
    const measure = (scores: readonly number[], labels: readonly number[]): number => {
      const pairs = scores.flatMap((score, i) => (labels[i] === 1 ? [[score, scores[i - 1] as number] as const] : []))
      return pairs.filter(([anomaly, normal]) => anomaly > normal).length / pairs.length
    }
    const classes = [someClass('bolt', 20)]
    const longer = { ...settings, steps: 25, learningRate: 1e-3, dropout: 0 }
    const { history, alignment, backbone } = await pretrain({
      ...base(),
      classes,
      settings: longer,
      validation: { every: 25, share: 0.4, measure },
    })
    const mean = (from: number) => history.slice(from, from + 5).reduce((sum, { loss }) => sum + loss / 5, 0)
    expect(mean(20)).toBeLessThan(0.8 * mean(0))
    expect(history.at(-1)?.validation).toBeGreaterThanOrEqual(0.9)
    expect(history[0]).toMatchObject({ step: 1, terms: { preservation: expect.closeTo(0, 10) } })
    const again = loadAlignment(saveAlignment(alignment))
    expect([...again.heads.keys()].sort()).toEqual([...alignment.heads.keys()].sort())
    expect(again.prototypes.get('bolt')).toEqual(classes[0]?.prototypes)
    expect(again.backbone).toBe(weightsDigest(backbone))
  })

  test.each([
    ['tab', {}],
    [
      'batch norm in training, SGD, moving average, accumulation',
      { batchNorm: 'train', optimizer: 'sgd', ema: 0.9, accumulate: 2, colourJitter: 0.2, minimumCrop: 0.6 },
    ],
    [
      'the paper',
      {
        ...PRETRAIN_PRESETS.paper,
        imageSize: 32,
        steps: 4,
        pairs: 4,
        trainableStages: ['layer1', 'layer2'],
        imageLayer: 'layer2',
        patchLayers: ['layer2'],
      },
    ],
  ] as [string, Partial<PretrainSettings>][])(
    'stopped and taken up again, it ends with the same weights: %s',
    async (_, change) => {
      const options = { ...base(), settings: { ...settings, ...change } }
      const whole = await pretrain(options)
      const store = memoryStore()
      const stop = new AbortController()
      const first = pretrain({
        ...options,
        checkpoints: { store, every: 1 },
        signal: stop.signal,
        onStep: ({ step }) => step === 2 && stop.abort(),
      })
      await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
      const resumed = await pretrain({ ...options, checkpoints: { store, every: 1 } })
      expect(resumed.history.map(({ step }) => step)).toEqual([3, 4])
      expect(weightsDigest(resumed.backbone)).toBe(weightsDigest(whole.backbone))
      expect(resumed.alignment).toEqual(whole.alignment)
      expect(weightsDigest(whole.backbone)).not.toBe(weightsDigest(options.backbone))
    },
  )

  test('frozen stages and statistics stay to the bit', async () => {
    const options = base()
    const { backbone } = await pretrain(options)
    for (const [name, { data }] of backbone.parameters) {
      const same = data.every((value, i) => Object.is(value, options.backbone.parameters.get(name)?.data[i]))
      expect(`${name} ${same}`).toBe(`${name} ${!name.startsWith('layer2.') || /running/.test(name)}`)
    }
  })

  test('a class with one image trains; early stopping stops', async () => {
    const options = { ...base(), classes: [someClass('lonely', 1)], settings: { ...settings, steps: 1 } }
    expect((await pretrain(options)).history).toHaveLength(1)
    const bored = { every: 1, share: 0.3, measure: () => 0.5, patience: 2 }
    const stopped = await pretrain({ ...base(), validation: bored })
    expect(stopped).toMatchObject({ stoppedEarly: true, returned: { step: 0, value: 0.5 } })
    expect(stopped.history).toHaveLength(2)
  })

  test('more pairs than images: they come again, with another anomaly each time', async () => {
    const masks = new Set<string>()
    const watched: AnomalySynthesizer = {
      name: 'watched',
      synthesize(image, rng) {
        const made = square.synthesize(image, rng)
        masks.add(made.mask.data.join(''))
        return made
      },
    }
    const few = { ...settings, steps: 1, pairs: 9 }
    const { history } = await pretrain({ ...base(), classes: [someClass('few', 3)], settings: few, anomalies: watched })
    expect(history).toHaveLength(1)
    expect(masks.size).toBeGreaterThan(3)
  })

  test('a full disk stops it, and the last good checkpoint is gone on from', async () => {
    const store = memoryStore()
    const full: CheckpointStore = {
      load: store.load,
      async save(bytes) {
        if (store.saved.length === 2) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
        await store.save(bytes)
      },
    }
    const options = base()
    await expect(pretrain({ ...options, checkpoints: { store: full, every: 1 } })).rejects.toThrow('no space left')
    const resumed = await pretrain({ ...options, checkpoints: { store, every: 1 } })
    expect(resumed.history.map(({ step }) => step)).toEqual([3, 4])
  })

  test('early stopping counts across a stop', async () => {
    const store = memoryStore()
    const bored = { every: 1, share: 0.3, measure: () => 0.5, patience: 2 }
    const stop = new AbortController()
    const options = { ...base(), validation: bored, checkpoints: { store, every: 1 } }
    const first = pretrain({ ...options, signal: stop.signal, onStep: () => stop.abort() })
    await expect(first).rejects.toMatchObject({ code: 'ABORTED' })
    const resumed = await pretrain(options)
    expect(resumed).toMatchObject({ stoppedEarly: true, returned: { step: 0, value: 0.5 } })
    expect(resumed.history.map(({ step }) => step)).toEqual([2])
  })

  test('a checkpoint of another training is refused with what differs', async () => {
    const store = memoryStore()
    await pretrain({ ...base(), settings: { ...settings, steps: 1 }, checkpoints: { store, every: 1 } })
    await expect(
      pretrain({ ...base(), seed: 6, checkpoints: { store, every: 1 }, settings: { ...settings, steps: 1 } }),
    ).rejects.toThrow('seed 6, as this training has, got 5 in the checkpoint')
    store.saved.push((store.saved[0] as Uint8Array).slice(0, 900))
    await expect(pretrain({ ...base(), checkpoints: { store, every: 1 } })).rejects.toMatchObject({
      code: 'INVALID_DATA',
    })
  })

  test('a loss that is not finite stops with an explanation and keeps the last checkpoint', async () => {
    const store = memoryStore()
    const wild = { ...settings, steps: 9, learningRate: 1e30, headLearningRate: 1e30, clipNorm: null, warmup: 0 }
    const run = pretrain({ ...base(), settings: wild, checkpoints: { store, every: 1 } })
    await expect(run).rejects.toMatchObject({ code: 'NUMERICAL' })
    await expect(run).rejects.toThrow(/step \d+: a finite loss.*smaller learningRate/)
    expect(store.saved.length).toBeGreaterThan(0)
  })

  test('bad input is refused before anything is computed', async () => {
    const refused = (change: Partial<PretrainOptions>, message: string) =>
      expect(pretrain({ ...base(), ...change })).rejects.toThrow(message)
    const odd = { ...someClass('odd'), prototypes: { normal: unit('a'), abnormal: tensor([3], new Float32Array(3)) } }
    await refused(
      { classes: [someClass('bolt'), odd] },
      'the abnormal prototype of class "odd" must be finite numbers [8]',
    )
    await refused({ classes: [] }, 'the number of classes')
    await refused({ classes: [someClass('bolt'), someClass('bolt')] }, '"bolt" twice')
    await refused({ classes: [someClass('bolt', 0)] }, 'the number of images of class "bolt"')
    const paper = {
      ...PRETRAIN_PRESETS.paper,
      imageLayer: 'layer2',
      patchLayers: ['layer2'],
      trainableStages: ['layer2'],
    } as const
    await refused({ classes: [someClass('bolt')], settings: paper }, 'two classes or more for classAlignment alone')
    await refused(
      { settings: { ...settings, imageLayer: 'layer4' } },
      'a backbone with layer4, got one that ends at layer2',
    )
    await refused({ settings: { ...settings, pairs: 0 } }, 'pairs must be a whole number >= 1')
    await refused({ settings: { ...settings, stpes: 3 } as never }, 'got stpes')
    await refused({ settings: { ...settings, flips: 'all' as never } }, 'flips of none, horizontal, both, got "all"')
    await refused({ settings: { ...settings, heads: 'separate' } }, "heads 'shared' with stateAlignment")
    const judged = (change: object) => ({ validation: { every: 1, measure: () => 1, ...change } })
    await refused(judged({ share: 1 }), 'validation.share must be a finite number > 0 and < 1, got 1')
    await refused(judged({ every: 0 }), 'validation.every must be a whole number >= 1, got 0')
    await refused(judged({ patience: 0 }), 'validation.patience must be a whole number >= 1, got 0')
    const none = { classAlignment: 0, stateAlignment: 0, patchAlignment: 0, separation: 0, preservation: 1 }
    await refused({ settings: { ...settings, losses: none } }, 'a loss that learns')
  })
})

describe('an image that fails', () => {
  const withOdd = (odd: () => Tensor | Promise<Tensor>, nameOf?: (index: number) => string): TrainingClass => {
    const fine = someClass('bolt', 6)
    const images = { length: 6, read: (index: number) => (index === 4 ? odd() : fine.images.read(index)) }
    return { ...fine, images: nameOf ? { ...images, nameOf } : images }
  }
  const dark = () => tensor([40, 40, 3], new Float32Array(4800))
  /** Refuses images without any light, as a synthesizer does that finds no structure. */
  const picky: AnomalySynthesizer = {
    name: 'picky',
    synthesize(image, rng) {
      if (image.data.some((value) => value > 0)) return square.synthesize(image, rng)
      throw new TabError('UNDEFINED_RESULT', { where: 'picky.synthesize', message: 'no visible defect' })
    },
  }
  /** The same ahead of the training, with the place in the message, as a pool of threads makes them. */
  const ahead: AnomalyStream = async function* (images, { seed, firstIndex }) {
    const made: (() => SyntheticAnomaly)[] = []
    let index = firstIndex
    for await (const image of images) {
      const place = index++
      made.push(() => {
        try {
          return picky.synthesize(image, createRng(`${seed} ${place}`))
        } catch (cause) {
          const { code, message } = cause as TabError
          throw new TabError(code, { where: `stream, image ${place}`, message, cause })
        }
      })
      if (made.length === 5) yield (made.shift() as () => SyntheticAnomaly)()
    }
    for (const make of made) yield make()
  }
  const run = (odd: TrainingClass, change: Partial<PretrainOptions> = {}) =>
    pretrain({ ...base(), classes: [someClass('nut', 6), odd], settings: { ...settings, steps: 30 }, ...change })

  test.each<[string, Partial<PretrainOptions>]>([
    ['in this thread', { anomalies: picky }],
    ['ahead of the training', { anomalies: ahead }],
    ['in a validation', { anomalies: ahead, validation: { every: 1, share: 0.9, measure: () => 0.5 } }],
  ])('synthesis %s: the error names class and index, or what the class calls it', async (_, change) => {
    const failed = { code: 'UNDEFINED_RESULT' }
    await expect(run(withOdd(dark), change)).rejects.toMatchObject({
      ...failed,
      message: 'pretrain, image 4 of class "bolt": picky.synthesize: no visible defect',
    })
    const named = withOdd(dark, (index) => `/parts/${index}.png`)
    await expect(run(named, change)).rejects.toMatchObject({
      ...failed,
      message: 'pretrain, /parts/4.png: picky.synthesize: no visible defect',
    })
  })

  test('reading: an unreadable image, one in 0..255, one of another shape', async () => {
    const unreadable = () => Promise.reject(new TabError('INVALID_DATA', { where: 'decode', message: 'not a picture' }))
    await expect(run(withOdd(unreadable), { anomalies: ahead })).rejects.toThrow(
      'pretrain, image 4 of class "bolt": decode: not a picture',
    )
    const once = () =>
      Promise.reject(new TabError('INVALID_DATA', { where: 'decode', message: '/parts/4.png is cut off' }))
    const named = withOdd(once, (index) => `/parts/${index}.png`)
    await expect(run(named)).rejects.toMatchObject({ message: 'decode: /parts/4.png is cut off' })
    const bytes = () => tensor([40, 40, 3], new Float32Array(4800).fill(200))
    await expect(run(withOdd(bytes))).rejects.toThrow(
      /^pretrain, image 4 of class "bolt": images\.read: image values must be in \[0,1\], got 200/,
    )
    const grey = () => tensor([40, 40, 1], new Float32Array(1600))
    await expect(run(withOdd(grey))).rejects.toThrow(
      'image 4 of class "bolt": images.read: image must be float32 [H,W,3]',
    )
    const bright: AnomalySynthesizer = {
      name: 'bright',
      synthesize: ({ shape, data }) => ({
        image: tensor(
          shape,
          data.map((value) => value * 255),
        ),
        mask: tensorOf('uint8', shape.slice(0, 2), new Uint8Array(1024)),
      }),
    }
    await expect(pretrain({ ...base(), anomalies: bright })).rejects.toThrow(
      /^pretrain, anomaly of image \d of class "\w+": image values must be in \[0,1\]/,
    )
  })
})

describe('checkpointFile', () => {
  test('keeps the last state when a write fails, and leaves nothing half-written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tab-checkpoint-'))
    const store = checkpointFile(join(folder, 'deep', 'state.safetensors'))
    expect(await store.load()).toBeUndefined()
    const rng = createRng(1)
    const bytes = Uint8Array.from({ length: 1000 }, () => Math.floor(256 * rng()))
    await store.save(bytes)
    expect(new Uint8Array((await store.load()) as Uint8Array)).toEqual(bytes)
    // A disk that is full stands behind a write that fails in the middle.
    const full = {
      get byteLength(): number {
        throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
      },
    }
    await expect(store.save(full as never)).rejects.toThrow()
    expect(await readdir(join(folder, 'deep'))).toEqual(['state.safetensors'])
    expect(new Uint8Array(await readFile(join(folder, 'deep', 'state.safetensors')))).toEqual(bytes)
    await writeFile(join(folder, 'file'), '')
    await expect(checkpointFile(join(folder, 'file', 'state')).save(bytes)).rejects.toThrow()
    await rm(folder, { recursive: true })
  })
})
