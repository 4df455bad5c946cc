// Starts the service with a detector that is fitted here, sends it JPEGs, checks its answers, and stops it.
import type { AddressInfo } from 'node:net'
import { syntheticParts, toLevels } from '@tab/data'
import { fitInspector } from '@tab/pipeline/node'
import sharp from 'sharp'
import { inspectionService } from './service.ts'

const parts = syntheticParts({ part: 'brushed-metal', size: [128, 128], seed: 4 })
const inspector = await fitInspector({
  images: Array.from({ length: 16 }, (_, index) => parts.normal(index).image),
  preparation: { size: [128, 128] },
})
const service = inspectionService(inspector)
await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve))
const { port } = service.address() as AddressInfo
const post = (path: string, body: Uint8Array<ArrayBuffer>) =>
  fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body })

for (const [name, { image }] of [
  ['good', parts.normal(100)],
  ['dent', parts.anomalous(201, 'dent')],
] as const) {
  const [height, width] = image.shape as [number, number, number]
  const raw = sharp(toLevels(image.data), { raw: { width, height, channels: 3 } })
  const jpeg = new Uint8Array(await raw.jpeg({ quality: 95 }).toBuffer())
  const { verdict, score, threshold, regions } = await (await post('/inspect', jpeg)).json()
  console.log(name, verdict, `score ${score.toFixed(3)}, threshold ${threshold.toFixed(3)}, ${regions.length} regions`)
  const heatmap = await sharp(await (await post('/heatmap', jpeg)).arrayBuffer()).metadata()
  if (verdict !== (name === 'good' ? 'good' : 'anomalous')) throw new Error(`${name} is judged wrongly`)
  if (heatmap.format !== 'png' || heatmap.width !== width) throw new Error('the heatmap has the size of the image')
}
const refused = await post('/inspect', new TextEncoder().encode('no picture'))
console.log(refused.status, await refused.json())
if (refused.status !== 422) throw new Error('what is no picture must be refused')
service.close()
inspector.dispose()
