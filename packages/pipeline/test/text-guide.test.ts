import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader } from '@tab/adapters'
import { readFile } from 'node:fs/promises'
import { fit, openInspector } from '../src/node/index.ts'
import { miniature, type Miniature } from './miniature.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

describe('text-guided scoring on the bundled backbone', () => {
  test.each([
    ['of its training', 'hex-nut'],
    ['that its training did not have', 'washer'],
  ])('takes a class %s, and says that no CLIP text took part', async (_, name) => {
    const output = join(mini.folder, `${name}.safetensors`)
    const notes: string[] = []
    const spec = { data: mini.data, output, imageSize: [64, 64], suspects: 'skip', calibrate: false } as const
    await fit(
      { ...spec, detector: { method: 'text-guided', class: name } },
      { onNote: (note) => void notes.push(note) },
    )
    expect(notes).toEqual([expect.stringContaining('no CLIP text')])
    expect(readDetectorHeader(await readFile(output))).toMatchObject({
      method: 'text-guided',
      extractorId: 'resnet18-55896b5c153d523b', // of the model card
    })
    const inspector = await openInspector({ model: output })
    const { score } = await inspector.inspect(join(mini.data, 'test/good/000.png'))
    expect(score).toBeGreaterThan(0)
    expect(score).toBeLessThan(1)
    inspector.dispose()
  })

  test('without a class, and on weights without alignment, says what to do', async () => {
    const spec = { data: mini.data, output: join(mini.folder, 'no.safetensors') }
    await expect(fit({ ...spec, detector: { method: 'text-guided' } })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(
        /^spec\.detector\.class: what the part is, such as "washer", .* on tab-resnet18@1, got none/,
      ),
    })
    const bare = { ...spec, backbone: mini.backbone, detector: { method: 'text-guided', class: 'washer' } } as const
    await expect(fit(bare)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('tab-resnet18 or a folder of tab pretrain'),
    })
  })
})
