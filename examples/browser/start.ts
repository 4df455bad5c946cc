// Builds the page into dist/ and looks, without a browser, whether its files do what the page will show.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadOrt } from '@tab/backend-onnx/node'
import { readImage } from '@tab/data/node'
import { buildSite, SAMPLES } from './build-site.ts'
import { openInspector } from './inspector.ts'
import { promiseOf } from './promise.ts'

const folder = join(import.meta.dirname, 'dist')
await buildSite(folder)

const [file, backbone] = await Promise.all(
  ['detector.safetensors', 'backbone.onnx'].map((name) => readFile(join(folder, name))),
)
const { calibration, inspect } = await openInspector(await loadOrt(), file as Uint8Array, backbone as Uint8Array)
console.log(`threshold ${calibration.threshold.toFixed(3)}. ${promiseOf(calibration)}`)
for (const name of Object.keys(SAMPLES)) {
  const { score, pValue, anomalous } = await inspect(await readImage(join(folder, 'samples', `${name}.png`)))
  console.log(name.padEnd(15), score.toFixed(3), `p ${pValue.toFixed(2)}`, anomalous ? 'anomalous' : 'good')
  if (anomalous !== ['scratch', 'dent', 'contamination'].includes(name)) throw new Error(`${name} is judged wrongly`)
}
console.log('pnpm run serve, then open http://127.0.0.1:8000')
