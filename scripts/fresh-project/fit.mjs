// In a project that has @tab/pipeline, onnxruntime-node and sharp alone: fit, save, open, inspect.
import { writeFile } from 'node:fs/promises'
import { fitInspector, openInspector } from '@tab/pipeline/node'
import { part } from './part.mjs'

const images = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => part(index)))
const fitted = await fitInspector({ images, backbone: 'resnet18.safetensors', preparation: { size: [64, 96] } })
await writeFile('part.safetensors', await fitted.save())
await writeFile('defective.jpg', await part(7, true))
fitted.dispose()

const inspector = await openInspector({ model: 'part.safetensors' })
const { verdict, score, regions } = await inspector.inspect('defective.jpg')
const [{ box }] = regions
if (verdict !== 'anomalous' || box.x > 60 || box.x + box.width < 60 || box.y > 30 || box.y + box.height < 30) {
  throw new Error(`the spot at (60, 30) is not found: ${verdict}, ${JSON.stringify(box)}`)
}
inspector.dispose()
console.log(score)
