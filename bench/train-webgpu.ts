// The same training on wasm and on WebGPU: the losses of 20 steps of preset `tab` (BatchNorm frozen), side by side.
//
// WebGPU in Node needs two packages, in a folder of their own, and a driver (a graphics card's, or a software one such as SwiftShader):
//   npm install --prefix FOLDER webgpu @tensorflow/tfjs-backend-webgpu@4.22
//   npm run bench -- train-webgpu FOLDER
// Each engine runs in a process of its own, as tfjs has one engine a process.
import { spawnSync } from 'node:child_process'
import { register } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { selectEngine } from '@tab/backend-tfjs/node'
import { pretrain, type StepRecord } from '@tab/model/training'
import { noiseTraining } from './train/noise-training.ts'

const SETTINGS = { imageSize: 32, steps: 20, pairs: 4 }
const LARGEST_DIFFERENCE = 1e-3 // relative, of a loss

interface Run {
  readonly engine: string
  readonly history: readonly StepRecord[]
}

const [first = '', folder = ''] = process.argv.slice(2)
if (first === 'wasm' || first === 'webgpu') await train(first, folder)
else compareEngines(first)

async function train(engine: 'wasm' | 'webgpu', packages: string): Promise<void> {
  if (engine === 'webgpu' && packages !== '')
    register('./train/webgpu-packages.mjs', import.meta.url, { data: packages })
  try {
    await selectEngine({ prefer: [engine], threads: 2 })
  } catch (error) {
    console.log(JSON.stringify({ refused: (error as Error).message }))
    return
  }
  const { history } = await pretrain(noiseTraining(SETTINGS))
  console.log(JSON.stringify({ engine: await nameOf(engine), history }))
}

/** The engine, and the adapter where it says what it is. */
async function nameOf(engine: string): Promise<string> {
  if (engine !== 'webgpu') return engine
  const { gpu } = navigator as unknown as {
    gpu: { requestAdapter(): Promise<{ info: Record<'vendor' | 'architecture' | 'device' | 'description', string> }> }
  }
  const { vendor, architecture, device, description } = (await gpu.requestAdapter()).info
  return `webgpu (${[vendor, architecture, device, description].filter((part) => part).join(', ')})`
}

function run(engine: 'wasm' | 'webgpu', packages: string): Run | { readonly refused: string } {
  const flags = ['--conditions=@tab/source', '--import=tsx', fileURLToPath(import.meta.url)]
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, engine, packages], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Run | { readonly refused: string }
}

function compareEngines(packages: string): void {
  const onWebgpu = run('webgpu', packages === '' ? '' : resolve(packages))
  if ('refused' in onWebgpu) {
    console.log(`no comparison with WebGPU: ${onWebgpu.refused}`)
    return
  }
  const onWasm = run('wasm', '')
  if ('refused' in onWasm) throw new Error(onWasm.refused)
  console.log(
    `${SETTINGS.steps} steps of preset tab at ${SETTINGS.imageSize} px, ${SETTINGS.pairs} pairs; ${onWebgpu.engine}`,
  )
  console.log('step    loss on wasm   on WebGPU   difference   gradient norm   difference')
  let largest = 0
  for (const [index, wasm] of onWasm.history.entries()) {
    const webgpu = onWebgpu.history[index] as StepRecord
    const [loss, norm] = [relative(webgpu.loss, wasm.loss), relative(webgpu.gradientNorm, wasm.gradientNorm)]
    largest = Math.max(largest, loss)
    console.log(
      [
        String(wasm.step).padStart(4),
        wasm.loss.toFixed(6).padStart(15),
        webgpu.loss.toFixed(6).padStart(11),
        loss.toExponential(1).padStart(12),
        wasm.gradientNorm.toFixed(4).padStart(15),
        norm.toExponential(1).padStart(12),
      ].join(' '),
    )
  }
  console.log(`largest difference of a loss: ${largest.toExponential(1)}, at most ${LARGEST_DIFFERENCE} is expected`)
  if (!(largest <= LARGEST_DIFFERENCE)) process.exitCode = 1
}

/** |a - b| / |b| */
function relative(a: number, b: number): number {
  return Math.abs(a - b) / Math.abs(b)
}
