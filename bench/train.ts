// A step of pre-training: the wasm engine with 1 and 2 threads, plain JavaScript, and what stays in memory over 300 steps.
// Each engine runs in a process of its own, as tfjs has one engine a process and fixes its threads at the first start.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { selectEngine } from '@tab/backend-tfjs/node'
import { randomTensor } from '@tab/core/testing'
import { createBackbone } from '@tab/model'
import { pretrain, PRETRAIN_PRESETS, type StepRecord } from '@tab/model/training'
import { cutPaste } from '@tab/synth'
import { memory } from '@tensorflow/tfjs'

const [role, threads, steps, imageSize] = process.argv.slice(2)
if (role === 'wasm' || role === 'cpu') await measure(role, Number(threads), Number(steps), Number(imageSize))
else compareEngines()

async function measure(engine: 'wasm' | 'cpu', threadCount: number, stepCount: number, size: number): Promise<void> {
  await selectEngine({ prefer: [engine], threads: threadCount })
  const unit = (axis: number) => {
    const data = new Float32Array(64)
    data[axis] = 1
    return { dtype: 'float32', shape: [64], data } as const
  }
  const tensors: number[] = []
  const { history } = await pretrain({
    backbone: createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }),
    classes: [
      {
        name: 'noise',
        images: { length: 16, read: (index) => randomTensor(`image${index}`, [size, size, 3]) },
        prototypes: { normal: unit(0), abnormal: unit(1) },
      },
    ],
    anomalies: cutPaste(),
    settings: { ...PRETRAIN_PRESETS.tab, imageSize: size, steps: stepCount, pairs: 4 },
    seed: 1,
    onStep: () => tensors.push(memory().numTensors),
  })
  const seconds = history
    .slice(1)
    .map(({ imagesPerSecond, waitedSeconds }: StepRecord) => 8 / imagesPerSecond - waitedSeconds)
  const sorted = seconds.sort((left, right) => left - right)
  const median = sorted[Math.floor(sorted.length / 2)]
  const megabytes = process.memoryUsage().rss / 2 ** 20
  console.log(JSON.stringify({ median, tensors: [tensors[1], tensors.at(-1)], megabytes }))
}

function run(...args: readonly (string | number)[]): { median: number; tensors: [number, number]; megabytes: number } {
  const file = fileURLToPath(import.meta.url)
  const flags = ['--conditions=@tab/source', '--import=tsx', file]
  const child = spawnSync(process.execPath, [...flags, ...args.map(String)], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout) as ReturnType<typeof run>
}

function compareEngines(): void {
  const best = (...args: readonly (string | number)[]) => Math.min(run(...args).median, run(...args).median)
  const [one, two] = [best('wasm', 1, 8, 64), best('wasm', 2, 8, 64)]
  const plain = run('cpu', 1, 2, 64).median
  const told = (name: string, seconds: number) => `${name} ${(1000 * seconds).toFixed(0)} ms`
  console.log(`a step of 4 pairs at 64 px: ${told('wasm, 1 thread', one)}, ${told('plain JavaScript', plain)}`)
  console.log(`wasm with 1 thread is ${(plain / one).toFixed(1)} times as fast as plain JavaScript`)
  const [large, larger] = [best('wasm', 1, 5, 128), best('wasm', 2, 5, 128)]
  console.log(`2 threads: ${(one / two).toFixed(2)} times as fast at 64 px, ${(large / larger).toFixed(2)} at 128 px`)
  const long = run('wasm', 1, 300, 32)
  const [first, last] = long.tensors
  console.log(`300 steps at 32 px: ${first} tensors behind the second step, ${last} behind the last`)
}
