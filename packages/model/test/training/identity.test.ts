import { beforeAll, describe, expect, test } from '@jest/globals'
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import { readSafetensors, tensor, writeSafetensors, type Tensor } from '@tab/core'
import { createBackbone } from '@tab/model'
import { pretrain, type PretrainOptions, type PretrainSettings, type TrainingClass } from '@tab/model/training'
import { base, memoryStore, settings, someClass, square, unit } from './small-training.ts'

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
})

const measure = (): number => 0.5
const validation = { every: 2, share: 0.3, images: 10, patience: 5, measure }
const options = (): PretrainOptions => ({
  ...base(),
  settings: { ...settings, steps: 2 },
  validation,
  textModel: 'some text model',
  anomalySpec: { kind: 'square', sides: Float32Array.of(12, 12) },
})

/** The checkpoint that all trainings of the table find. */
let saved: Uint8Array
beforeAll(async () => {
  const store = memoryStore()
  const stop = new AbortController()
  const checkpoints = { store, every: 1 }
  await pretrain({ ...options(), checkpoints, signal: stop.signal, onStep: () => stop.abort() }).catch(() => undefined)
  saved = store.saved[0] as Uint8Array
})

async function resumeAs(change: Partial<PretrainOptions>, state = saved): Promise<void> {
  const store = { load: async () => state, save: async () => undefined }
  await pretrain({ ...options(), ...change, checkpoints: { store, every: 9 } })
}

/** The class `bolt` with something about it changed. */
const bolt = (change: Partial<TrainingClass>): Partial<PretrainOptions> => ({
  classes: [{ ...someClass('bolt'), ...change }, someClass('nut')],
})

function images(change: (image: Tensor, index: number) => Tensor): TrainingClass['images'] {
  const { images: same } = someClass('bolt')
  return { ...same, read: async (index) => change(await same.read(index), index) }
}

const set = (change: Partial<PretrainSettings>): Partial<PretrainOptions> => ({
  settings: { ...settings, steps: 2, ...change },
})

/** Another value for every setting. */
const OTHER_SETTINGS = {
  imageSize: 40,
  imageSizes: [32, 40],
  steps: 3,
  pairs: 3,
  classesPerStep: 1,
  accumulate: 2,
  trainableStages: ['layer1', 'layer2'],
  batchNorm: 'train',
  losses: { ...settings.losses, separation: 2 },
  imageLayer: 'layer1',
  patchLayers: ['layer2'],
  heads: 'separate',
  dropout: 0.1,
  optimizer: 'sgd',
  learningRate: 1,
  headLearningRate: 1,
  weightDecay: 1,
  momentum: 0.1,
  warmup: 0.5,
  clipNorm: null,
  ema: 0.5,
  flips: 'none',
  minimumCrop: 0.5,
  colourJitter: 0.5,
} as const satisfies PretrainSettings

const SETTINGS = (Object.keys(OTHER_SETTINGS) as (keyof PretrainSettings)[]).map((name) => {
  const change = { [name]: OTHER_SETTINGS[name] }
  // Two heads need another loss; without it the settings are refused before the checkpoint is seen.
  const fitting = name === 'heads' ? { losses: { ...settings.losses, stateAlignment: 0 } } : {}
  const field = name === 'losses' ? 'settings.losses.separation 2' : `settings.${name === 'heads' ? 'losses' : name}`
  return [field, set({ ...change, ...fitting })] as const
})

describe('a checkpoint of another training is refused, with the field that differs', () => {
  test('the same training is not', async () => {
    await expect(resumeAs({})).resolves.toBeUndefined()
  })

  test.each<readonly [string, Partial<PretrainOptions> | (() => Promise<Partial<PretrainOptions>>)]>([
    ...SETTINGS,
    ['seed 6', { seed: 6 }],
    ['initialWeights', { backbone: createBackbone({ architecture: 'resnet18', seed: 2, lastStage: 'layer2' }) }],
    ['textModel "another"', { textModel: 'another' }],
    ['anomalies.name "disc"', { anomalies: { ...square, name: 'disc' } }],
    ['anomalies.name null', { anomalies: async function* () {} }],
    ['anomalies.spec', { anomalySpec: { kind: 'square', sides: Float32Array.of(12, 13) } }],
    ['validation null', { validation: undefined as never }],
    ['validation.every 1', { validation: { ...validation, every: 1 } }],
    ['validation.share 0.4', { validation: { ...validation, share: 0.4 } }],
    ['validation.images 9', { validation: { ...validation, images: 9 } }],
    ['validation.patience 4', { validation: { ...validation, patience: 4 } }],
    ['classes.bold.name "bold"', bolt({ name: 'bold' })],
    ['classes.nut.name', { classes: [someClass('bolt')] }],
    ['classes.bolt.count 9', bolt({ images: someClass('bolt', 9).images })],
    [
      'classes.bolt.images',
      bolt({
        images: images((image, index) =>
          index === 7
            ? tensor(
                image.shape,
                Float32Array.from(image.data, (value, i) => (i === 99 ? 0 : value)),
              )
            : image,
        ),
      }),
    ],
    ['classes.bolt.images', bolt({ images: { ...someClass('bolt').images, digest: 'of other files' } })],
    ['classes.bolt.prototypes', bolt({ prototypes: { ...someClass('bolt').prototypes, abnormal: unit('other') } })],
    ['engine.name "onnx+wasm"', async () => ({ onnx: { ort: await loadOrt() } })],
  ])('%s', async (field, given) => {
    const change = typeof given === 'function' ? await given() : given
    const refused = resumeAs(change)
    await expect(refused).rejects.toMatchObject({ code: 'INCOMPATIBLE' })
    await expect(refused).rejects.toThrow(`pretrain, checkpoint: ${field}`)
  })

  test.each([
    ['no step', { step: undefined }],
    ['a step that is no number', { step: null }],
    ['more steps than there can be', { step: 1e308 }],
    ['a validation without a value', { validations: [{ step: 1 }] }],
    ['a best that is none', { best: {} }],
    ['a stop that is no truth', { stopped: 'no' }],
  ])('progress with %s is damaged', async (_, change) => {
    const { entries, metadata } = readSafetensors(saved)
    const progress = JSON.stringify({ ...(JSON.parse(metadata['progress'] as string) as object), ...change })
    const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
    const damaged = writeSafetensors(tensors as Map<string, Tensor>, { ...metadata, progress })
    await expect(resumeAs({}, damaged)).rejects.toMatchObject({ code: 'INVALID_DATA' })
  })

  test('every field of the identity counts, also those of the engine and of the split', async () => {
    const { entries, metadata } = readSafetensors(saved)
    const identity = JSON.parse(metadata['identity'] as string) as object
    const tensors = new Map([...entries].map(([name, entry]) => [name, entry.toTensor()]))
    const leaves = leavesOf(identity)
    const names = leaves.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['engine.name', 'engine.version', 'classes.nut.split']))
    expect(names.length).toBeGreaterThan(40)
    for (const { name, change } of leaves) {
      const text = JSON.stringify(change())
      const other = writeSafetensors(tensors as Map<string, Tensor>, { ...metadata, identity: text })
      await expect(resumeAs({}, other)).rejects.toThrow(name)
    }
  })
})

/** Each value of a tree that is not an object, with a copy of the tree in which it alone is another. */
function leavesOf(tree: object): { name: string; change: () => unknown }[] {
  const found: { name: string; change: () => unknown }[] = []
  const visit = (value: unknown, path: readonly string[], names: readonly string[]): void => {
    const isTree = typeof value === 'object' && value !== null
    if (!isTree || (Array.isArray(value) && typeof value[0] !== 'object')) {
      const name = names.join('.')
      found.push({ name, change: () => replaced(tree, path, 'another') })
      return
    }
    for (const [key, part] of Object.entries(value)) {
      const name = Array.isArray(value) ? (part as { name: string }).name : key
      if (key !== 'name') visit(part, [...path, key], [...names, name])
    }
  }
  visit(tree, [], [])
  return [...found, { name: 'engine.name', change: () => replaced(tree, ['engine', 'name'], 'another') }]
}

function replaced(tree: unknown, [key, ...rest]: readonly string[], value: string): unknown {
  if (key === undefined) return value
  const copy = (Array.isArray(tree) ? [...(tree as unknown[])] : { ...(tree as object) }) as Record<string, unknown>
  copy[key] = replaced(copy[key], rest, value)
  return copy
}
