// The subspace detector from features on: a fit on 205 images of 28 x 28 patches of 384 values (160,720), against the bare matrix products
// X^T X of the same patches on ONNX Runtime, which do not even subtract the mean.
import { subspace } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor, type FeatureExtractor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { compare } from '../alternate.ts'

const [IMAGES, SIDE, DIMENSION, POOL] = [205, 28, 384, 8]

export async function benchSubspace(): Promise<void> {
  const backend = onnxBackend({ ort: await loadOrt(), session: { intraOpNumThreads: 2 } })
  const maps = Array.from({ length: POOL }, (_, i) => randomTensor(`${i}`, [1, SIDE, SIDE, DIMENSION], -1, 1))
  let turn = 0
  const extractor: FeatureExtractor = {
    id: 'ready features',
    layers: [{ name: 'features', channels: DIMENSION, stride: 8 }],
    extract: async () => new Map([['features', maps[turn++ % POOL] as (typeof maps)[0]]]),
    dispose: () => undefined,
  }
  const image = tensor([1, 8 * SIDE, 8 * SIDE, 3], new Float32Array(64 * SIDE ** 2 * 3))
  const recipe = subspace({ extractor, backend, layers: ['features'] })
  const fit = () => recipe.fit(Array.from({ length: IMAGES }, () => image))
  await fit()
  const before = process.memoryUsage.rss()
  const peaks: number[] = []
  const watch = setInterval(() => peaks.push(process.memoryUsage.rss()), 20)
  await fit()
  clearInterval(watch)
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`
  console.log(`subspace, fit: resident ${megabytes(before)} before, at most ${megabytes(Math.max(before, ...peaks))}`)

  const rows = SIDE ** 2
  const products = async () => {
    for (let i = 0; i < IMAGES; i++) {
      const { data } = maps[i % POOL] as (typeof maps)[0]
      const transposed = new Float32Array(data.length)
      for (let row = 0; row < rows; row++)
        for (let d = 0; d < DIMENSION; d++) transposed[d * rows + row] = data[row * DIMENSION + d] as number
      const x = tensor([DIMENSION, rows], transposed)
      await backend.matmul(x, x, { transposeB: true })
    }
  }
  const name = `subspace, fit on ${IMAGES * rows} x ${DIMENSION}`
  await compare(name, { name: 'subspace', run: fit }, { name: 'bare products', run: products }, 3)
  const detector = await recipe.fit([image])
  const product = {
    name: 'the product alone',
    run: () =>
      backend.matmul(
        tensor([rows, DIMENSION], (maps[0] as (typeof maps)[0]).data),
        tensor([DIMENSION, DIMENSION], new Float32Array(DIMENSION ** 2)),
      ),
  }
  await compare('subspace, predict one image', { name: 'subspace', run: () => detector.predict(image) }, product, 15)
  detector.dispose()
  backend.dispose()
}
