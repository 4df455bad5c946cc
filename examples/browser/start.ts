// Builds the page into dist/ and looks, without a browser, whether its files do what the page will show.
import { join } from 'node:path'
import { openInspector } from '@tab/pipeline/node'
import { buildSite, SAMPLES } from './build-site.ts'
import { promiseOf } from './promise.ts'

const folder = join(import.meta.dirname, 'dist')
await buildSite(folder)

const files = { model: join(folder, 'detector.safetensors'), backbone: join(folder, 'tab-resnet18.safetensors') }
const inspector = await openInspector(files)
if (!inspector.calibration) throw new Error('the detector has no threshold')
console.log(`threshold ${inspector.calibration.threshold.toFixed(3)}. ${promiseOf(inspector.calibration)}`)
for (const name of Object.keys(SAMPLES)) {
  const { verdict, score, pValue } = await inspector.inspect(join(folder, 'samples', `${name}.png`))
  console.log(name.padEnd(15), score?.toFixed(3), `p ${pValue?.toFixed(2)}`, verdict)
  const wanted = name.startsWith('good') ? 'good' : 'anomalous'
  if (verdict !== wanted) throw new Error(`${name} is judged wrongly`)
}
inspector.dispose()
console.log('pnpm run serve, then open http://127.0.0.1:8000')
