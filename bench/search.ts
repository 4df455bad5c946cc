// Exact nearest neighbours and the coreset: ONNX Runtime and the WebAssembly kernel against plain TypeScript.
import { kCenter } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { referenceBackend } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { compare } from './alternate.ts'

const bank = randomTensor('bank', [4000, 384])
const queries = randomTensor('queries', [784, 384])
const [onnx, reference] = [onnxBackend({ ort: await loadOrt() }), referenceBackend()]
const [fast, slow] = [await onnx.searchIndex(bank), await reference.searchIndex(bank)]
await compare(
  'search, 784 queries in 4000 x 384',
  { name: 'ONNX Runtime', run: () => fast.search(queries, 1) },
  { name: 'reference', run: () => slow.search(queries, 1) },
  3,
)

const patches = randomTensor('patches', [20_000, 128])
await compare(
  'k-center, 200 of 20000 x 128, structureless',
  { name: 'WebAssembly', run: () => kCenter(patches, 200, { start: 0 }) },
  { name: 'TypeScript', run: () => kCenter(patches, 200, { start: 0, typescript: true }) },
  3,
)
