// Some steps of preset `tab` at 128 px, 12 pairs, on wasm with two threads; prints a record of each as JSON, without the wait for anomalies.
import { selectEngine } from '@tab/backend-tfjs/node'
import { pretrain } from '@tab/model/training'
import { noiseTraining } from './noise-training.ts'

const [steps = '4'] = process.argv.slice(2)
await selectEngine({ prefer: ['wasm'], threads: 2 })
let [wall, cpu] = [performance.now(), process.cpuUsage()]
await pretrain({
  ...noiseTraining({ imageSize: 128, steps: Number(steps), pairs: 12 }),
  onStep({ step, loss, waitedSeconds }) {
    const { user } = process.cpuUsage(cpu)
    // The processor's time has the making of anomalies in it.
    const seconds = { wall: (performance.now() - wall) / 1000 - waitedSeconds, user: user / 1e6 }
    console.log(JSON.stringify({ step, loss, ...seconds }))
    wall = performance.now()
    cpu = process.cpuUsage()
  },
})
