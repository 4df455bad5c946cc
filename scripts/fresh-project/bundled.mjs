// From images to a verdict with the backbone that lies in @tab/weights.
import { writeFile } from 'node:fs/promises'
import { fitInspector } from '@tab/pipeline/node'
import { part } from './part.mjs'

const images = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => part(index)))
const inspector = await fitInspector({ images, backbone: 'tab-resnet18', preparation: { size: [64, 96] } })
await writeFile('bundled.safetensors', await inspector.save())
const { verdict, score } = await inspector.inspect(await part(7, true))
if (verdict !== 'anomalous') throw new Error(`a part with a spot is ${verdict}`)
inspector.dispose()
console.log(score)
