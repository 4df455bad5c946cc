// A page's program with the backbone that lies in @tab/weights, for a bundler: nothing of it runs here.
import { fitInspector } from '@tab/pipeline/browser'
import { bundledBackbone } from '@tab/weights'
import * as ort from 'onnxruntime-web/wasm'

const { bytes } = await bundledBackbone('tab-resnet18')
document.querySelector('input')?.addEventListener('change', async ({ target }) => {
  const [photograph, ...images] = target.files
  const inspector = await fitInspector({ images, backbone: bytes, ort, preparation: { size: [224, 224] } })
  document.title = (await inspector.inspect(photograph)).verdict
})
