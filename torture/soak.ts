// Predictions in a loop, models in rotation, steps of a training: memory, open handles and threads at the start, in the middle and at the end, which must be
// flat. `--predictions N` (default 50,000), `--models N` opened and closed (default 2,000, 24 different ones) and `--steps N` (default 3,000).
import { readdirSync, readFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import * as tf from '@tensorflow/tfjs'
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import { syntheticParts } from '@tab/data'
import { exportOnnx } from '@tab/model'
import { pretrain, type PretrainSettings } from '@tab/model/training'
import { fitInspector, openInspector, type FitMethod } from '@tab/pipeline'
import { narrowBackbone } from '../packages/model/test/narrow-backbone.ts'
import { base } from '../packages/model/test/training/small-training.ts'

const { values } = parseArgs({
  options: {
    predictions: { type: 'string', default: '50000' },
    models: { type: 'string', default: '2000' },
    steps: { type: 'string', default: '3000' },
  },
})
const MODELS = 24
const RISE = 24 // MB of resident memory from the middle to the end: a page cache of the allocator, not a leak that grows

interface State {
  readonly memory: number
  readonly handles: number
  readonly threads: number
  readonly tensors: number
}

/** What the process holds after a collection. Linux alone counts handles and threads of native code. */
function state(): State {
  globalThis.gc?.()
  const count = (folder: string): number => readdirSync(`/proc/self/${folder}`).length
  const resident = /VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))
  return {
    memory: Number(resident?.[1]) / 1024,
    handles: count('fd'),
    threads: count('task'),
    tensors: tf.memory().numTensors,
  }
}

const failures: string[] = []

/** Does a task so many times and compares what the process holds after a tenth, a half and all of them. */
async function soak(what: string, count: number, task: (index: number) => Promise<void>): Promise<void> {
  const looks = [0.1, 0.5, 1].map((share) => Math.max(1, Math.floor(share * count)))
  const states: State[] = []
  const begun = performance.now()
  for (let index = 0; index < count; index++) {
    await task(index)
    if (looks.includes(index + 1)) states.push(state())
  }
  const seconds = (performance.now() - begun) / 1000
  const row = (key: keyof State): string => states.map((held) => held[key].toFixed(0)).join(', ')
  const [, middle, end] = states as [State, State, State]
  const isFlat =
    end.memory - middle.memory < RISE &&
    (['handles', 'threads', 'tensors'] as const).every((key) => end[key] <= middle[key])
  if (!isFlat) failures.push(what)
  const figures = [count, row('memory'), row('handles'), row('threads'), row('tensors'), seconds.toFixed(0)]
  console.log(`| ${what} | ${figures.join(' | ')} | ${isFlat ? 'yes' : 'no'} |`)
}

const ort = await loadOrt()
await selectEngine({ prefer: ['wasm'], threads: 1 })
const layers = ['layer1', 'layer2']
const backbone = exportOnnx(narrowBackbone('resnet18', 'layer2'), { layers })
const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
const images = [0, 1, 2, 3, 4, 5].map((index) => parts.normal(index).image)
const methods: readonly FitMethod[] = [
  { method: 'patchcore', layers, coresetRatio: 0.1 },
  { method: 'padim', layers, dimensions: 4 },
  { method: 'subspace', layers },
]
const engine = { backbone, ort, session: { intraOpNumThreads: 1 } }
const files: Uint8Array[] = []
for (let seed = 0; seed < MODELS; seed++) {
  const method = methods[seed % methods.length] as FitMethod
  const fitted = await fitInspector({ images, preparation: { size: [64, 64] }, method, seed, ...engine })
  files.push(await fitted.save())
  fitted.dispose()
}

console.log('| what | times | MB after a tenth, half, all | handles | threads | tensors of tfjs | seconds | flat |')
console.log('| :-- | --: | --: | --: | --: | --: | --: | :-- |')
const inspector = await openInspector({ detector: files[0] as Uint8Array, ...engine })
await soak('predictions', Number(values.predictions), async (index) => {
  await inspector.inspect(images[index % images.length] as (typeof images)[0])
})
inspector.dispose()
await soak(`models opened, asked and closed, ${MODELS} in rotation`, Number(values.models), async (index) => {
  const opened = await openInspector({ detector: files[index % MODELS] as Uint8Array, ...engine })
  await opened.inspect(images[0] as (typeof images)[0])
  opened.dispose()
})
// One training: a step reports as it ends, so that the looks lie between steps.
const steps = Number(values.steps)
const reports: (() => void)[] = []
let reported = 0
const options = base()
const settings = { ...(options.settings as PretrainSettings), steps }
const training = pretrain({
  ...options,
  settings,
  onStep: () => void (reports.shift() ?? (() => reported++))(),
})
await soak('steps of a training', steps, async () => {
  if (reported > 0) reported--
  else await new Promise<void>((resolve) => reports.push(resolve))
})
await training
console.log(`Node ${process.version}, load ${loadavg().map((load) => load.toFixed(1)).join(' ')}; not flat: ${failures.join(', ') || 'nothing'}`) // prettier-ignore
process.exit(failures.length === 0 ? 0 : 1)
