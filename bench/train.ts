// A step of pre-training: the wasm engine with 1 and 2 threads, plain JavaScript, what stays in memory over 300 steps, and what a step waits
// for its anomalies where a worker makes them.
//   npm run bench -- train                     all of it
//   npm run bench -- train engines             the same steps on wasm and with the backbone by ONNX Runtime
//   npm run bench -- train filter-gradient     ways to compute gradients of convolutions with ONNX Runtime
//   npm run bench -- train steps [CHECKOUT]    time and loss of single steps at 128 px, 12 pairs; those of another checkout beside them
// Each engine runs in a process of its own, as tfjs has one engine a process and fixes its threads at the first start.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { selectEngine } from '@tab/backend-tfjs/node'
import { pretrain, type StepRecord } from '@tab/model/training'
import { synthesisStream } from '@tab/synth/node'
import { memory } from '@tensorflow/tfjs'
import { compareRuntimes, compareSteps } from './train/compare-steps.ts'
import { NOISE_ANOMALIES, noiseTraining } from './train/noise-training.ts'

const workerFile = new URL('../packages/synth/test/worker-source.mjs', import.meta.url)
const WATCHED = [10, 100, 200, 300] // steps

const [role, threads, steps, imageSize, workers = '0'] = process.argv.slice(2)
if (role === 'wasm' || role === 'cpu') {
  await measure(role, Number(threads), Number(steps), Number(imageSize), Number(workers))
} else if (role === 'steps') compareSteps(threads)
else if (role === 'engines') compareRuntimes()
else if (role === 'filter-gradient') await import('./train/filter-gradient.ts')
else {
  compareSteps(undefined)
  compareEngines()
}

async function measure(
  engine: 'wasm' | 'cpu',
  threadCount: number,
  stepCount: number,
  size: number,
  workerCount: number,
): Promise<void> {
  await selectEngine({ prefer: [engine], threads: threadCount })
  const kept: { step: number; tensors: number; megabytes: number }[] = []
  const training = noiseTraining({ imageSize: size, steps: stepCount, pairs: 4 })
  const { history } = await pretrain({
    ...training,
    ...(workerCount > 0 && {
      anomalies: (stream, place) =>
        synthesisStream(stream, { ...place, spec: NOISE_ANOMALIES, workers: workerCount, workerFile, lookAhead: 4 }),
    }),
    onStep({ step }) {
      if (!WATCHED.includes(step)) return
      kept.push({ step, tensors: memory().numTensors, megabytes: process.memoryUsage().rss / 2 ** 20 })
    },
  })
  const seconds = history
    .slice(1)
    .map(({ imagesPerSecond, waitedSeconds }: StepRecord) => 8 / imagesPerSecond - waitedSeconds)
  const sorted = seconds.sort((left, right) => left - right)
  const median = sorted[Math.floor(sorted.length / 2)]
  const counted = history.slice(1) // the first step waits for the pool to start
  const waited = counted.reduce((sum, { waitedSeconds }) => sum + waitedSeconds, 0)
  const whole = counted.reduce((sum, { imagesPerSecond }) => sum + 8 / imagesPerSecond, 0)
  console.log(JSON.stringify({ median, waited: waited / whole, kept }))
}

interface Measured {
  readonly median: number
  /** Share of the time that went into waiting for images and anomalies. */
  readonly waited: number
  readonly kept: readonly { readonly step: number; readonly tensors: number; readonly megabytes: number }[]
}

function run(...args: readonly (string | number)[]): Measured {
  const file = fileURLToPath(import.meta.url)
  const flags = ['--conditions=@tab/source', '--import=tsx', file]
  const child = spawnSync(process.execPath, [...flags, ...args.map(String)], { encoding: 'utf8' })
  if (child.status !== 0) throw new Error(child.stderr)
  return JSON.parse(child.stdout) as Measured
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
  for (const count of [0, 1]) {
    const { waited } = run('wasm', 1, 12, 128, count)
    const who = count === 0 ? 'between the steps' : 'by a worker'
    console.log(
      `anomalies made ${who}: ${(100 * waited).toFixed(1)} % of the time is spent waiting for them, at 128 px`,
    )
  }
  for (const { step, tensors, megabytes } of run('wasm', 1, 300, 32).kept) {
    console.log(`after step ${step} at 32 px: ${tensors} tensors of the engine, process of ${megabytes.toFixed(0)} MiB`)
  }
}
