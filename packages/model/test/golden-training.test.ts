import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from '@jest/globals'
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import { readSafetensors, type Tensor } from '@tab/core'
import { pretrain, type PretrainSettings, type StepRecord } from '@tab/model/training'
import { expectGolden, readGolden, type GoldenArray } from './golden-file.ts'
import { TRAININGS, tinyTraining, type Asked } from './tiny-training.ts'

type History = readonly Pick<StepRecord, 'loss' | 'terms' | 'gradientNorm' | 'learningRate'>[]

const inputs =
  readGolden<Record<string, { settings: PretrainSettings; heads: Record<string, GoldenArray>; order: Asked }>>(
    'training-inputs.json',
  )
const { entries, metadata } = readSafetensors(readFileSync(new URL('golden/training.safetensors', import.meta.url)))
const histories = JSON.parse(metadata['histories'] as string) as Record<string, History>

beforeAll(async () => {
  await selectEngine({ prefer: ['wasm'], threads: 1 })
})

const RUNTIMES = {
  tfjs: async () => ({}),
  'ONNX Runtime': async () => ({ onnx: { ort: await loadOrt(), options: { intraOpNumThreads: 1 } } }),
}

describe.each(Object.entries(RUNTIMES))('a training of five steps by %s is that of torch', (_, runtime) => {
  test.each(Object.entries(TRAININGS))('%s', async (name, settings) => {
    const golden = inputs[name] as (typeof inputs)[string]
    expect({ again: 'make-training-inputs.ts', ...settings }).toMatchObject(golden.settings)
    const { options, asked } = tinyTraining(settings)
    const { backbone, alignment, history } = await pretrain({ ...options, ...(await runtime()) })
    expect(asked.slice(0, golden.order.length)).toEqual(golden.order)
    const wanted = histories[name] as History
    for (const [index, record] of history.entries()) {
      const step = wanted[index] as History[number]
      const at = `step ${index + 1}`
      expect(Object.keys(record.terms).sort()).toEqual(Object.keys(step.terms).sort())
      for (const [term, value] of Object.entries(step.terms)) {
        expectGolden(`${term}, ${at}`, [record.terms[term as keyof typeof record.terms] as number], [value])
      }
      const of = ({ loss, gradientNorm, learningRate }: History[number]) => [loss, gradientNorm, learningRate]
      expectGolden(`loss, gradient norm and rate, ${at}`, of(record), of(step))
    }
    const trained = new Map<string, Tensor>([
      ...[...backbone.parameters].map(([key, value]) => [`${name}/backbone/${key}`, value] as const),
      ...[...alignment.heads].map(([key, value]) => [`${name}/heads/${key}`, value] as const),
    ])
    const names = [...entries.keys()].filter((key) => key.startsWith(`${name}/`))
    expect([...trained.keys()].sort()).toEqual(names.sort())
    for (const key of names) {
      const { shape, data } = (entries.get(key) as { toTensor(): Tensor }).toTensor()
      expect(trained.get(key)?.shape).toEqual(shape)
      expectGolden(key, trained.get(key)?.data ?? [], data)
    }
  })
})
