// A page's program, for a bundler: nothing of it runs here.
import { openInspector } from '@tab/pipeline/browser'
import * as ort from 'onnxruntime-web/wasm'

const inspector = await openInspector({ model: 'part.safetensors', backbone: 'backbone.onnx', ort })
document.querySelector('input')?.addEventListener('change', async ({ target }) => {
  document.title = (await inspector.inspect(target.files[0])).verdict
})
