// The file that the ESM program saved, opened by CommonJS on the weights that it names.
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS is what is tried here */
const { openInspector } = require('@tab/pipeline/node')
const { bundledBackbone } = require('@tab/weights/node')

async function main() {
  const { part } = await import('./part.mjs')
  const { id, bytes, record } = await bundledBackbone('tab-resnet18')
  if (record.id !== id || bytes.length > 6e6) throw new Error(`${bytes.length} bytes of ${record.id}`)
  const inspector = await openInspector({ model: 'bundled.safetensors' })
  const { score } = await inspector.inspect(await part(7, true))
  inspector.dispose()
  console.log(score)
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
