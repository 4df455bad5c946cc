import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { tensor } from '@tab/core'
import { syntheticParts } from '@tab/data'
import { readImage, writeImage } from '@tab/data/node'
import { createBackbone, exportOnnx, saveBackbone } from '@tab/model'
import * as ort from 'onnxruntime-node'
import { fitInspector as fitAnywhere, openInspector as openAnywhere } from '../../src/index.ts'
import { fitInspector, learnGood, openInspector } from '../../src/node/index.ts'

const parts = syntheticParts({ part: 'brushed-metal', size: [48, 48], seed: 2 })
const method = { method: 'patchcore', layers: ['layer1'], coresetSize: 30 } as const
const preparation = { size: [48, 48] } as const

let folder: string
let backbone: string
let good: string[]
let dent: string
const model = (): string => join(folder, 'metal.safetensors')

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-inspect-'))
  backbone = join(folder, 'resnet18.safetensors')
  await writeFile(backbone, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' })))
  good = await Promise.all(
    [0, 1, 2, 3, 4].map(async (index) => {
      const path = join(folder, `good-${index}.png`)
      await writeImage(path, parts.normal(index).image)
      return path
    }),
  )
  dent = join(folder, 'dent.png')
  await writeImage(dent, parts.anomalous(9, 'dent').image)
  const fitted = await fitInspector({ images: good, backbone, method, preparation })
  await writeFile(model(), await fitted.save())
  fitted.dispose()
})
afterAll(() => rm(folder, { recursive: true }))

describe('openInspector in Node', () => {
  test('takes an image as path, URL, bytes, Blob or pixels, and says the same of each', async () => {
    const inspector = await openInspector({ model: model() }) // whose backbone the file names
    const bytes = await readFile(dent)
    const wanted = await inspector.inspect(await readImage(dent))
    expect(wanted.score).toBeGreaterThan(0)
    const copy = new Uint8Array(bytes)
    const images = [
      dent,
      pathToFileURL(dent),
      new URL(`data:image/png;base64,${bytes.toString('base64')}`),
      bytes,
      copy,
      copy.buffer,
      new Blob([copy]),
    ]
    for (const image of images) expect(await inspector.inspect(image)).toEqual(wanted)
    inspector.dispose()
  })

  test('opens path or bytes, with the backbone as path or bytes, as the entry that runs everywhere does', async () => {
    const detector = await readFile(model())
    const weights = await readFile(backbone)
    const onnx = exportOnnx(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer1' }), {
      layers: ['layer1'],
    })
    const opened = [
      await openInspector({ model: pathToFileURL(model()), backbone }),
      await openInspector({ model: detector, backbone: weights }),
      await openAnywhere({ detector, backbone: weights, ort }),
      await openAnywhere({ detector, backbone: onnx, ort }),
    ]
    const [first, ...others] = await Promise.all(opened.map(async (one) => one.inspect(await readImage(dent))))
    for (const other of others) expect(other).toEqual(first)
    for (const one of opened) one.dispose()
  })

  test('fits on bytes as on pixels, in Node as anywhere', async () => {
    const weights = await readFile(backbone)
    const images = await Promise.all(good.map((path) => readImage(path)))
    const [a, b] = [
      await fitInspector({
        images: await Promise.all(good.map((path) => readFile(path))),
        backbone,
        method,
        preparation,
      }),
      await fitAnywhere({ images, backbone: weights, ort, method, preparation }),
    ]
    expect(await a.inspect(dent)).toEqual(await b.inspect(await readImage(dent)))
    for (const one of [a, b]) one.dispose()
  })

  test('names the file, the backbone or the image that is at fault', async () => {
    const absent = join(folder, 'absent.safetensors')
    await expect(openInspector({ model: absent })).rejects.toThrow(
      `openInspector.model: a readable file, got ${absent}`,
    )
    await expect(openInspector({ model: backbone })).rejects.toThrow(`openInspector.model ${backbone}`)
    const moved = openInspector({ model: model(), backbone: absent })
    await expect(moved).rejects.toThrow(`openInspector.backbone: the path of backbone`)
    const other = join(folder, 'other.safetensors')
    await writeFile(other, saveBackbone(createBackbone({ architecture: 'resnet18', seed: 5, lastStage: 'layer1' })))
    await expect(openInspector({ model: model(), backbone: other })).rejects.toMatchObject({ code: 'INCOMPATIBLE' })
    const inspector = await openInspector({ model: model() })
    await expect(inspector.inspect(Buffer.from('no picture'))).rejects.toThrow(
      'the image of 10 bytes is not a readable image',
    )
    await expect(inspector.inspect(new File(['no picture'], 'a.jpg'))).rejects.toThrow('a.jpg is not a readable image')
    await expect(inspector.inspect(absent)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(inspector.inspect(new URL('http://localhost/a.png'))).rejects.toThrow(
      'a file: or data: URL; fetch any other',
    )
    await expect(inspector.inspect(null as never)).rejects.toThrow('an image as path, URL, bytes or Blob, got null')
    inspector.dispose()
  })

  test('inspections under way at once are those that come one by one, also when the inspector is disposed of', async () => {
    const inspector = await openInspector({ model: model() })
    const alone = []
    for (const path of [dent, ...good]) alone.push(await inspector.inspect(path))
    const together = Promise.all([dent, ...good].map((path) => inspector.inspect(path)))
    expect(await together).toEqual(alone)
    const series = inspector.inspectAll(good, { batchSize: 2 })
    await series.next()
    inspector.dispose()
    await expect(series.next().then(() => series.next())).rejects.toMatchObject({ code: 'DISPOSED' })
  })

  test('an image of another size has its regions in its own pixels', async () => {
    const inspector = await openInspector({ model: model() })
    const { regions } = await inspector.inspect(tensor([96, 48, 3], new Float32Array(96 * 48 * 3).fill(1)))
    const box = regions[0]?.box
    expect(box && [box.x + box.width <= 48, box.y + box.height <= 96]).toEqual([true, true])
    inspector.dispose()
  })
})

describe('learnGood', () => {
  /** The dent, of a part that a person calls good; the same image with a square besides stays a defect. */
  test('knows the image from then on and still finds what is elsewhere; the file before stays as it is', async () => {
    const before = await readFile(model())
    const learned = await learnGood({ model: model(), images: [dent] })
    expect(await readFile(model())).toEqual(before)
    const [old, next] = [await openInspector({ model: model() }), await openInspector({ model: learned })]
    const alarm = await old.inspect(dent)
    expect(alarm.verdict).toBe('anomalous')
    expect((await next.inspect(dent)).score).toBeLessThan(0.7 * (alarm.score as number))
    const square = await readImage(dent)
    const data = Float32Array.from(square.data, (value, at) => {
      const [x, y] = [Math.floor(at / 3) % 48, Math.floor(at / 144)]
      return x < 8 && y < 8 ? 0 : value
    })
    expect((await next.inspect(tensor(square.shape, data))).verdict).toBe('anomalous')
    expect([next.threshold, await next.checkParity()]).toEqual([old.threshold, expect.objectContaining({ images: 2 })])
    const { notes } = readDetectorHeader(learned)
    expect(notes).toMatchObject({ learned: 1, images: { fitted: 6, heldOut: 0 }, goodImages: [dent] })
    const again = readDetectorHeader(await learnGood({ model: learned, images: good.slice(0, 2) }))
    expect(again.notes).toMatchObject({ learned: 3, goodImages: [dent, ...good.slice(0, 2)] })
    for (const one of [old, next]) one.dispose()
  })

  test('promises no rate any more, and is not for other methods or no images', async () => {
    const images = Array.from({ length: 10 }, (_, index) => parts.normal(100 + index).image)
    const heldOut = await fitInspector({ images, backbone, method, preparation, falsePositiveRate: 0.2 })
    expect(heldOut.guaranteedRate).toBe(0.2)
    const file = await learnGood({ model: await heldOut.save(), images: [dent] })
    expect(readDetectorHeader(file).calibration).toMatchObject({ guaranteedRate: null, threshold: heldOut.threshold })
    const padim = await fitInspector({
      images: good,
      backbone,
      method: { method: 'padim', layers: ['layer1'] },
      preparation,
    })
    await expect(learnGood({ model: await padim.save(), images: [dent] })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
    })
    await expect(learnGood({ model: model(), images: [] })).rejects.toThrow('at least one good image, got none')
    for (const one of [heldOut, padim]) one.dispose()
  })
})
