import { fitInspector, openInspector } from '@tab/pipeline/browser'
import * as ort from 'onnxruntime-web/wasm'
import { good, spotted } from './parts.ts'

ort.env.wasm.numThreads = 1
const fitted = await fitInspector({ images: good, preparation: { size: [64, 64] }, ort })
const inspector = await openInspector({ model: await fitted.save(), ort })
const { verdict, score } = await inspector.inspect(spotted)
Object.assign(globalThis, { inspection: { verdict, score } })
