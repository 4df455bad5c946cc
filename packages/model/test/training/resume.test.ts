import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import { weightsDigest } from '@tab/model'
import { pretrain, type PretrainOptions, type PretrainSettings } from '@tab/model/training'
import { killed } from './killed-training.ts'
import { base, memoryStore, settings } from './small-training.ts'

let before = 0
beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  before = tf.memory().numTensors
})
afterAll(() => expect(tf.memory().numTensors).toBe(before))

/** Share of anomalies that score higher than the image they were made of. */
const measure = (scores: readonly number[]): number =>
  scores.filter((score, i) => i % 2 === 1 && score > (scores[i - 1] as number)).length / (scores.length / 2)

const EVERYTHING: Partial<PretrainSettings> = {
  steps: 40,
  pairs: 2,
  accumulate: 2,
  ema: 0.9,
  batchNorm: 'train',
  colourJitter: 0.2,
  minimumCrop: 0.6,
}

describe('a training that resumes', () => {
  test('by ONNX Runtime, in the middle: the last state is the same to the byte, at images of two sizes', async () => {
    const onnx = { ort: await loadOrt(), options: { intraOpNumThreads: 2 } }
    const [store, again] = [memoryStore(), memoryStore()]
    const some = { ...settings, ...EVERYTHING, steps: 6, imageSizes: [32, 40] }
    const options: PretrainOptions = { ...base(), settings: some, onnx, checkpoints: { store, every: 1 } }
    await pretrain(options)
    const load = async (): Promise<Uint8Array | undefined> => store.saved[2]
    await pretrain({ ...options, checkpoints: { every: 1, resume: 'required', store: { ...again, load } } })
    expect(again.saved).toHaveLength(3)
    expect(again.saved.at(-1)).toEqual(store.saved.at(-1))
  })

  test('at any step of 40, with moving averages, validation, patience and accumulation: the next state is the same to the byte', async () => {
    const store = memoryStore()
    const options: PretrainOptions = {
      ...base(),
      settings: { ...settings, ...EVERYTHING },
      validation: { every: 4, share: 0.3, measure, patience: 11 },
      checkpoints: { store, every: 1 },
    }
    const whole = await pretrain(options)
    expect(store.saved).toHaveLength(40)
    for (let step = 1; step < 40; step++) {
      const stop = new AbortController()
      const next: Uint8Array[] = []
      const one = pretrain({
        ...options,
        signal: stop.signal,
        onStep: () => stop.abort(),
        checkpoints: {
          every: 1,
          resume: 'required',
          store: { load: async () => store.saved[step - 1], save: async (bytes) => void next.push(bytes) },
        },
      })
      if (step === 39) expect(weightsDigest((await one).backbone)).toBe(weightsDigest(whole.backbone))
      else await expect(one).rejects.toMatchObject({ code: 'ABORTED' })
      expect(`step ${step} ${Buffer.compare(next[0] as Uint8Array, store.saved[step] as Uint8Array)}`).toBe(
        `step ${step} 0`,
      )
    }
    const finished = await pretrain(options)
    expect(finished.history).toEqual([])
    expect([finished.alignment, finished.validations]).toEqual([whole.alignment, whole.validations])
    expect(weightsDigest(finished.backbone)).toBe(weightsDigest(whole.backbone))
  }, 120_000)

  test('after a SIGKILL, in another process: the same weights as without it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tab-killed-'))
    const script = fileURLToPath(new URL('./killed-training.ts', import.meta.url))
    const child = async (resume: string, killAt?: number) => {
      const flags = ['--conditions=@tab/source', '--import=tsx', script, join(folder, 'state.safetensors'), resume]
      const running = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'inherit'] })
      const lines: string[] = []
      const closed = once(running, 'close')
      for await (const line of createInterface(running.stdout)) {
        lines.push(line)
        if (line === `step ${killAt}`) running.kill('SIGKILL')
      }
      await closed
      return { lines, signal: running.signalCode }
    }
    const first = await child('never', 5)
    expect(first).toMatchObject({ signal: 'SIGKILL', lines: expect.not.arrayContaining(['step 30']) })
    const second = await child('required')
    expect(second.lines).not.toContain('step 1')
    const whole = await pretrain(killed())
    expect(second.lines.at(-1)).toBe(weightsDigest(whole.backbone))
    await rm(folder, { recursive: true })
  }, 120_000)

  test('without a checkpoint, where one is required, it is refused', async () => {
    const checkpoints = { store: memoryStore(), every: 1, resume: 'required' } as const
    await expect(pretrain({ ...base(), checkpoints })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'pretrain: a checkpoint to resume from, got none',
    })
  })

  test('asked never to resume, it begins anew', async () => {
    const store = memoryStore()
    const options = { ...base(), settings: { ...settings, steps: 1 }, checkpoints: { store, every: 1 } }
    await pretrain(options)
    const anew = await pretrain({ ...options, checkpoints: { ...options.checkpoints, resume: 'never' } })
    expect(anew.history.map(({ step }) => step)).toEqual([1])
  })
})
