// The same for esbuild, which does not follow addresses beside a module: its `file` loader puts the weights into the output.
import { bundledBackbone } from '@tab/weights'
import url from '@tab/weights/weights/tab-resnet18.safetensors'

document.title = (await bundledBackbone('tab-resnet18', { url })).id
