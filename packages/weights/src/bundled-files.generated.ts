// Written by `npm run weights`: the weights that lie in this package, oldest first.
import type { BundledFile } from './bundled/find-bundled.ts'

export const BUNDLED_FILES: readonly BundledFile[] = [
  {
    id: 'tab-resnet18@1',
    byteLength: 5589072,
    sha256: 'b62a659a27645580383d93bc7d12e67e135180391264cc2f24982405689584ce',
    url: () => new URL('../weights/tab-resnet18.safetensors', import.meta.url),
    alignment: {
      byteLength: 194268,
      sha256: '584d1c912e2de02895d131eeca25bd9a9797405f86c19c0016c2195afefbf9c8',
    },
  },
]
