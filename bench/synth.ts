// Synthesis at 224 px on one core against OpenCV and numpy, images a second, and the worker pool with two threads against one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, tensor, type Tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import {
  blendPatch,
  cutPaste,
  perlinAnomaly,
  poissonPatch,
  SYNTHESIZER_KINDS,
  synthesizerOf,
  type Synthesizer,
} from '@tab/synth'
import { synthesisStream } from '@tab/synth/node'
import { compare } from './alternate.ts'
import { startPython } from './python.ts'

const [SIZE, ROUNDS] = [224, 50]
const part = (kind: 'tablet' | 'fabric', index: number): Tensor =>
  syntheticParts({ part: kind, size: [SIZE, SIZE], seed: 1 }).normal(index).image
const [image, other, texture] = [part('tablet', 0), part('tablet', 1), part('fabric', 0)]

const folder = mkdtempSync(join(tmpdir(), 'bench-synth-'))
for (const [name, { data }] of Object.entries({ image, other, texture })) {
  writeFileSync(
    join(folder, `${name}.u8`),
    Uint8Array.from(data, (value) => Math.round(value * 255)),
  )
}
const python = startPython('synth.py', ['cv2', 'scipy'], [folder, `${SIZE}`])

const rng = createRng('bench')
const many = (synthesizer: Synthesizer) => async () => {
  for (let round = 0; round < ROUNDS; round++) synthesizer.synthesize(image, rng)
}
const poisson = many(poissonPatch({ sources: [other] }))
const patch = { height: 66, width: 66, data: Float32Array.from(other.data.subarray(0, 66 * 66 * 3)) }
const blend = async (): Promise<void> => {
  for (let round = 0; round < ROUNDS; round++) {
    blendPatch(image.data.slice(), SIZE, 80, 80, patch, 'mixed')
  }
}
if (python) {
  const peer = (name: string, call: string) => ({ name, run: () => python.call(call) })
  const title = `${ROUNDS} images of ${SIZE} px`
  await compare(`one patch of 64 px, ${title}`, { name: 'blendPatch', run: blend }, peer('cv2.seamlessClone', 'clone'))
  await compare(`poissonPatch, ${title}`, { name: '@tab/synth', run: poisson }, peer('NSA, binary label', 'nsa binary'))
  await compare(`poissonPatch, ${title}`, { name: '@tab/synth', run: poisson }, peer('NSA, median label', 'nsa median'))
  const perlin = many(perlinAnomaly({ textures: [texture] }))
  await compare(`perlinAnomaly, ${title}`, { name: '@tab/synth', run: perlin }, peer('numpy', 'perlin'))
  python.stop()
}
rmSync(folder, { recursive: true })

for (const synthesizer of [cutPaste(), ...SYNTHESIZER_KINDS.slice(1).map((kind) => synthesizerOf({ kind }))]) {
  const count = synthesizer.name === 'cutPaste' ? 5000 : 100
  for (let index = 0; index < count / 5; index++) synthesizer.synthesize(image, rng)
  const start = performance.now()
  for (let index = 0; index < count; index++) synthesizer.synthesize(image, rng)
  console.log(`${synthesizer.name}: ${Math.round((1000 * count) / (performance.now() - start))} images a second`)
}

const workerFile = new URL('../packages/synth/test/worker-source.mjs', import.meta.url)
const pool = (workers: number) => async (): Promise<void> => {
  function* images(): Generator<Tensor> {
    for (let index = 0; index < 600; index++) yield tensor(image.shape, image.data)
  }
  let made = 0
  const spec = { kind: 'poissonPatch', options: { patches: [4, 4] } } as const
  for await (const { index } of synthesisStream(images(), { spec, seed: 1, workers, workerFile }))
    made += index >= 0 ? 1 : 0
  if (made !== 600) throw new Error(`${made} images`)
}
await compare('600 images from the pool', { name: '2 workers', run: pool(2) }, { name: '1 worker', run: pool(1) }, 3)
