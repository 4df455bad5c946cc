// node serve.ts DETECTOR [PORT]: a detector of `tab fit`, served on this machine.
import { openInspector } from '@tab/pipeline/node'
import { inspectionService } from './service.ts'

const [model = 'detector.safetensors', port = '8000'] = process.argv.slice(2)
const inspector = await openInspector({ model })
const server = inspectionService(inspector).listen(Number(port), '127.0.0.1', () => {
  console.log(`curl --data-binary @part.jpg http://127.0.0.1:${port}/inspect`)
})
process.once('SIGINT', () => server.close(() => inspector.dispose())) // what is under way is answered
