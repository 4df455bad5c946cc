// Some steps of preset `tab` at 128 px, 12 pairs, with two threads, on wasm or with the backbone by ONNX Runtime; prints a record of each as JSON,
// without the wait for anomalies.
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import { pretrain } from '@tab/model/training'
import { noiseTraining } from './noise-training.ts'

const [steps = '4', engine = 'wasm'] = process.argv.slice(2)
await selectEngine({ prefer: ['wasm'], threads: 2 })
const onnx = engine === 'onnx' ? { ort: await loadOrt(), options: { intraOpNumThreads: 2 } } : undefined
let [wall, cpu] = [performance.now(), process.cpuUsage()]
await pretrain({
  ...noiseTraining({ imageSize: 128, steps: Number(steps), pairs: 12 }),
  ...(onnx && { onnx }),
  onStep({ step, loss, waitedSeconds }) {
    const { user } = process.cpuUsage(cpu)
    // The processor's time has the making of anomalies in it.
    const seconds = { wall: (performance.now() - wall) / 1000 - waitedSeconds, user: user / 1e6 }
    console.log(JSON.stringify({ step, loss, ...seconds }))
    wall = performance.now()
    cpu = process.cpuUsage()
  },
})
