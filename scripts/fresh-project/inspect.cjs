// The file that the ESM program saved, opened by CommonJS.
/* eslint-disable @typescript-eslint/no-require-imports -- CommonJS is what is tried here */
const { readFileSync } = require('node:fs')
const { openInspector } = require('@tab/pipeline/node')

openInspector({ model: readFileSync('part.safetensors'), backbone: 'resnet18.safetensors' })
  .then(async (inspector) => {
    const { score } = await inspector.inspect(readFileSync('defective.jpg'))
    inspector.dispose()
    console.log(score)
  })
  .catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
