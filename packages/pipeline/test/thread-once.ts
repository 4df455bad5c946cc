// A process that runs a cell of a benchmark in a thread: does ONNX Runtime leave a trace of it?
import { rm } from 'node:fs/promises'
import { threadRunner } from '../src/node/benchmark/cell-runner.ts'
import { cellsOf, type Cell } from '../src/node/benchmark/cells.ts'
import { checkConfig } from '../src/node/benchmark/read-config.ts'
import { miniature } from './miniature.ts'

const mini = await miniature()
const config = {
  datasets: [{ path: mini.data }],
  backbones: [{ name: 'saved', weights: mini.backbone }],
  detectors: [{ method: 'patchcore', coresetRatio: 0.2 }],
  shots: [1],
  imageSize: 64,
}
const data = { dataset: 'washers', category: '', path: mini.data, layout: undefined, normals: 5 }
const [cell] = cellsOf(checkConfig('test', config, '.'), [data])
const runner = threadRunner({ cache: undefined, threads: 1 }, new URL('worker-source.mjs', import.meta.url))
const { key } = await runner.run({ cell: cell as Cell, key: 'done' }, {})
await runner.stop()
await rm(mini.folder, { recursive: true })
process.stdout.write(key)
