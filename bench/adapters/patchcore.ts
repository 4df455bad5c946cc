import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { anomalyMaps, patchCore } from '@tab/adapters'
import { onnxBackend, onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { createRng, randomInteger, tensor, type FeatureExtractor, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { kCenter } from '@tab/kernels'
import { createBackbone, exportOnnx, type Architecture } from '@tab/model'
import { compare, type Contender } from '../alternate.ts'
import { startPython } from '../python.ts'

const THREADS = 2

/** Patches around 200 centres, as those of real parts gather. */
function clustered(count: number, dimension: number): Tensor {
  const centres = randomTensor('centres', [200, dimension], -1, 1)
  const noise = randomTensor('noise', [4096, dimension], -0.5, 0.5)
  const rng = createRng('patches')
  const data = new Float32Array(count * dimension)
  for (let row = 0; row < count; row++) {
    const centre = randomInteger(rng, 0, 199) * dimension
    const [own, other] = [randomInteger(rng, 0, 4095) * dimension, randomInteger(rng, 0, 4095) * dimension]
    for (let d = 0; d < dimension; d++) {
      data[row * dimension + d] =
        (centres.data[centre + d] as number) + (noise.data[own + d] as number) + (noise.data[other + d] as number)
    }
  }
  return tensor([count, dimension], data)
}

/** Five in a row, as images come from a line: what a run leaves behind, threads that spin or fresh memory, meets the next one. */
const inRow = ({ name, run }: Contender): Contender => ({
  name,
  async run() {
    for (let i = 0; i < 5; i++) await run()
  },
})

/** Coreset, search, maps and the whole of a prediction, each against the published implementations' way in torch. */
export async function benchPatchCore(full: boolean): Promise<void> {
  const session = { intraOpNumThreads: THREADS }
  const ort = await loadOrt()
  const backend = onnxBackend({ ort, session })
  const folder = mkdtempSync(join(tmpdir(), 'bench-patchcore-'))
  const [patches, dimension, bankSize] = full ? [160_000, 1536, 16_000] : [20_000, 384, 4000]
  const features = clustered(patches, dimension)
  const bank = tensor([bankSize, dimension], features.data.subarray(0, bankSize * dimension))
  const scores = randomTensor('scores', [1, 28, 28])
  writeFileSync(join(folder, 'features.f32'), features.data)
  writeFileSync(join(folder, 'scores.f32'), scores.data)
  const args = [folder, `${dimension}`, `${bankSize}`]
  const python = startPython('patchcore.py', ['torch', 'torchvision', 'scipy'], args, THREADS)
  if (!python) return
  const peer = (call: string, name = 'torch') => ({ name, run: () => python.call(call) })

  const map = async () => anomalyMaps(scores, [224, 224], 4)
  await compare('map of 224 px', { name: '@tab/adapters', run: map }, peer('map', 'torch and scipy'), 15)

  const index = await backend.searchIndex(bank)
  const queries = tensor([784, dimension], features.data.subarray(features.data.length - 784 * dimension))
  const search = { name: 'search', run: () => index.search(queries, 1) }
  const size = `5 times 784 queries in ${bankSize} x ${dimension}`
  await compare(size, inRow(search), inRow(peer('search', 'torch cdist and topk')), 9)
  const product = () => backend.matmul(queries, bank, { transposeB: true })
  await compare(`${size}, share of the bare product`, inRow(search), inRow({ name: 'Gemm', run: product }), 9)

  for (const architecture of ['resnet18', 'wide_resnet50_2'] as const) await benchPredict(architecture)
  const coreset = (share: number) => async (): Promise<void> => {
    const matrix = randomTensor('matrix', [dimension, 128], -0.15, 0.15)
    await kCenter(await backend.matmul(features, matrix), Math.round(patches * share), { start: 0 })
  }
  const title = (share: number) =>
    `coreset of ${Math.round(patches * share)} from ${patches} x ${dimension}, projection included`
  const rounds = full ? 1 : 3
  const first = { name: '@tab/adapters', run: coreset(0.01) }
  const [, hundredth] = await compare(title(0.01), first, peer('coreset 0.01'), rounds)
  if (full) {
    // Every step of torch's loop costs the same, so ten times as many need not be waited for.
    const start = performance.now()
    await coreset(0.1)()
    const own = performance.now() - start
    const row = `${title(0.1)}: @tab/adapters ${own.toFixed(1)} ms, ten times torch's 1 % ${(10 * hundredth).toFixed(1)} ms`
    console.log(`${row}, ${((10 * hundredth) / own).toFixed(1)} times as fast`)
  } else await compare(title(0.1), { name: '@tab/adapters', run: coreset(0.1) }, peer('coreset 0.1'), 1)
  python.stop()
  index.dispose()
  backend.dispose()
  rmSync(folder, { recursive: true })

  async function benchPredict(architecture: Architecture): Promise<void> {
    const layers = ['layer2', 'layer3']
    const model = exportOnnx(createBackbone({ architecture, seed: 1, lastStage: 'layer3' }), { layers })
    const extractor = await onnxExtractor({ ort, model, session })
    const image = randomTensor('image', [1, 224, 224, 3])
    const recipe = patchCore({ extractor, backend, coresetSize: 2000 })
    const detector = await recipe.fit([randomTensor('normals', [4, 224, 224, 3])])
    const run = () => detector.predict(image)
    await compare(
      `predict 5 times, ${architecture}, 224 px`,
      inRow({ name: '@tab/adapters', run }),
      inRow(peer(`predict ${architecture}`)),
      15,
    )
    detector.dispose()
    extractor.dispose()
  }
}

/** Fits on generated features of WideResNet-50-2's layers under a limit and prints the peak of resident memory. */
export async function fitUnderLimit(images: number, memoryLimit: number): Promise<void> {
  const block = clustered(4096, 1536)
  const rng = createRng('images')
  const layer = (channels: number, side: number): Tensor => {
    const data = new Float32Array(side * side * channels)
    for (let at = 0; at < data.length; at += channels) {
      const row = randomInteger(rng, 0, 4095) * 1536
      data.set(block.data.subarray(row, row + channels), at)
    }
    return tensor([1, side, side, channels], data)
  }
  const extractor: FeatureExtractor = {
    id: 'generated',
    layers: [
      { name: 'layer2', channels: 512, stride: 8 },
      { name: 'layer3', channels: 1024, stride: 16 },
    ],
    extract: async () =>
      new Map([
        ['layer2', layer(512, 28)],
        ['layer3', layer(1024, 14)],
      ]),
    dispose: () => undefined,
  }
  const backend = onnxBackend({ ort: await loadOrt(), session: { intraOpNumThreads: THREADS } })
  const recipe = patchCore({ extractor, backend, coresetRatio: 0.01, memoryLimit })
  const normal = tensor([1, 224, 224, 3], new Float32Array(224 * 224 * 3))
  function* normals(): Generator<Tensor> {
    for (let image = 0; image < images; image++) yield normal
  }
  const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MB`
  const before = process.memoryUsage().rss
  const start = performance.now()
  const detector = await recipe.fit(normals())
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  const peak = process.resourceUsage().maxRSS * 1024
  const all = megabytes(images * 784 * 1536 * 4)
  console.log(
    `${images} images, ${all} of features, limit ${megabytes(memoryLimit)}: ${seconds} s, resident ${megabytes(before)} ` +
      `before, ${megabytes(peak)} at most, ${megabytes(peak - before)} more; bank ${String(detector.state().tensors['bank']?.shape)}`,
  )
  detector.dispose()
  backend.dispose()
}
