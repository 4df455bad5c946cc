import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { isTabError, tensor, type Tensor } from '@tab/core'
import { loadExtractor, resolveWeights } from '@tab/weights/node'
import fc from 'fast-check'
import { describeVision } from '../src/vision-config.ts'
import { anonymous } from './foreign-model.ts'

// Made by golden/make_vision.py: tiny models of random weights as the hub's ONNX exports are laid out, and their tokens by torch.
const MODELS = fileURLToPath(new URL('./golden/vision/', import.meta.url))
interface Golden {
  readonly size: [number, number]
  readonly grid: number[]
  readonly layers: Readonly<Record<string, number[]>>
}
const golden = JSON.parse(await readFile(join(MODELS, 'golden.json'), 'utf8')) as Readonly<Record<string, Golden>>

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-vision-'))
})
afterEach(() => rm(folder, { recursive: true }))

function imagesOf([height, width]: readonly [number, number]): Tensor {
  const wave = Float32Array.from({ length: 2 * height * width * 3 }, (_, i) => 0.5 + 0.5 * Math.sin(0.37 * i))
  return tensor([2, height, width, 3], wave)
}

const asked = (described?: readonly string[]): readonly string[] => described ?? ['layer2', 'layer3']

/** A copy of a model with its configuration changed. */
async function changed(
  name: string,
  file: string,
  change: (content: Record<string, unknown>) => unknown,
): Promise<string> {
  const copy = join(folder, name)
  await cp(join(MODELS, name), copy, { recursive: true })
  const content = JSON.parse(await readFile(join(copy, file), 'utf8')) as Record<string, unknown>
  await writeFile(join(copy, file), JSON.stringify(change(content)))
  return copy
}

describe('a folder in the layout of the hub', () => {
  test.each(Object.entries(golden))(
    '%s: tokens of patches are what torch computes',
    async (name, { size, grid, layers }) => {
      const names = Object.keys(layers)
      const { extractor, foreign, source } = await loadExtractor(join(MODELS, name), names, { size })
      expect(source).toBe(join(MODELS, name))
      const patch = size[0] / (grid[1] as number)
      expect(extractor.layers).toEqual(names.map((layer) => ({ name: layer, channels: 8, stride: patch })))
      const found = await extractor.extract(imagesOf(size), names)
      for (const [layer, values] of Object.entries(layers)) {
        const map = found.get(layer) as Tensor
        expect(map.shape).toEqual(grid)
        map.data.forEach((value, at) => expect(Math.abs(value - (values[at] as number))).toBeLessThan(2e-4))
      }
      extractor.dispose()

      const again = await loadExtractor(source, asked, { foreign, size }) // as a detector file has noted it
      expect([again.extractor.id, again.foreign]).toEqual([extractor.id, foreign])
      again.extractor.dispose()
    },
  )

  test('gives its last tokens where no layers are asked for, and others by name where its graph has them', async () => {
    const path = join(MODELS, 'dinov2')
    const { extractor } = await loadExtractor(path, asked, { size: [28, 28] })
    expect(extractor.layers.map(({ name }) => name)).toEqual(['last_hidden_state'])
    extractor.dispose()
    const lacking = loadExtractor(path, ['hidden_states.7'], { size: [28, 28] })
    await expect(lacking).rejects.toThrow(
      'outputs among last_hidden_state, pooler_output, hidden_states.1, got hidden_states.7',
    )
    const pooled = loadExtractor(path, ['pooler_output'], { size: [28, 28] })
    await expect(pooled).rejects.toThrow('maps [N,C,h,w] or tokens [N,T,C] as pooler_output, got [1,8]')
  })

  test('interpolates positions as its graph does, and says which sizes it takes where that does not', async () => {
    const { extractor } = await loadExtractor(join(MODELS, 'dinov2'), asked, { size: [56, 56] })
    for (const size of [
      [56, 56],
      [14, 70],
    ] as const) {
      const { shape } = (await extractor.extract(imagesOf(size), ['last_hidden_state'])).get(
        'last_hidden_state',
      ) as Tensor
      expect(shape).toEqual([2, size[0] / 14, size[1] / 14, 8])
    }
    await expect(extractor.extract(imagesOf([30, 28]), ['last_hidden_state'])).rejects.toThrow(
      'images whose sides are multiples of 14 pixels, the side of a patch, such as 56 x 56, got 30 x 28',
    )
    extractor.dispose()
    for (const name of ['clip', 'siglip']) {
      const fixed = loadExtractor(join(MODELS, name), asked, { size: [48, 48] })
      await expect(fixed).rejects.toThrow(/failed on images of 48 x 48\. .* takes images of 32 x 32 alone/)
      expect(await fixed.catch((error: unknown) => isTabError(error, 'INVALID_ARGUMENT'))).toBe(true)
    }
  })

  test('whose configuration does not fit the graph is refused', async () => {
    const size = [28, 28] as const
    const more = await changed('dinov2', 'config.json', (config) => ({
      ...config,
      model_type: 'dinov2_with_registers',
    }))
    await expect(loadExtractor(more, asked, { size })).rejects.toThrow('5 + 2 x 2 tokens of an image of 28 x 28')
    const finer = await changed('dinov2', 'config.json', (config) => ({ ...config, patch_size: 7 }))
    await expect(loadExtractor(finer, asked, { size })).rejects.toThrow(
      '1 + 4 x 4 tokens of an image of 28 x 28 with patches of 7',
    )
  })

  test.each<[string, string, Record<string, unknown>, string]>([
    ['another family', 'config.json', { model_type: 'beit' }, 'model_type among dinov2, .*got "beit"'],
    [
      'a patch that is no number',
      'config.json',
      { patch_size: '14' },
      'config.json: patch_size: a whole number from 1, got "14"',
    ],
    [
      'other levels',
      'preprocessor_config.json',
      { rescale_factor: 1 },
      'preprocessor_config.json: rescale_factor 1 / 255',
    ],
    ['half a mean', 'preprocessor_config.json', { image_mean: [0.5] }, 'image_mean: three numbers, got \\[0.5\\]'],
    [
      'levels of 0..255',
      'preprocessor_config.json',
      { image_mean: [123, 116, 103] },
      'mean: three numbers from 0 to 1',
    ],
  ])('with %s is refused by the field', async (_, file, change, message) => {
    const copy = await changed('dinov2', file, (content) => ({ ...content, ...change }))
    await expect(loadExtractor(copy, asked, { size: [28, 28] })).rejects.toThrow(new RegExp(message))
  })

  test('says what is missing without preprocessing, and takes it from the caller', async () => {
    const copy = await changed('dinov2', 'config.json', (config) => config)
    await rm(join(copy, 'preprocessor_config.json'))
    await expect(loadExtractor(copy, asked, { size: [28, 28] })).rejects.toThrow('mean, std not given')
    const foreign = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const
    const { extractor } = await loadExtractor(copy, asked, { size: [28, 28], foreign })
    extractor.dispose()
    await writeFile(join(copy, 'config.json'), '{')
    await expect(loadExtractor(copy, asked, { size: [28, 28] })).rejects.toThrow('config.json: not JSON')
  })

  test('is no use to an ONNX file that is described: one of another family beside it changes nothing', async () => {
    const model = join(folder, 'any.onnx')
    await writeFile(model, anonymous)
    await writeFile(join(folder, 'config.json'), JSON.stringify({ model_type: 'resnet' }))
    const foreign = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const
    const { extractor } = await loadExtractor(model, ['layer2'], { foreign })
    expect(extractor.layers).toEqual([{ name: 'layer2', channels: 128, stride: 8 }])
    extractor.dispose()
    await expect(loadExtractor(model, ['layer2'])).rejects.toThrow('model_type among')
  })

  test('of tab pretrain has its backbone', async () => {
    await cp(join(MODELS, 'clip'), join(folder, 'both'), { recursive: true })
    await writeFile(join(folder, 'both', 'backbone.safetensors'), '')
    expect((await resolveWeights(join(folder, 'both'), {})).path).toBe(join(folder, 'both', 'backbone.safetensors'))
    expect((await resolveWeights(join(MODELS, 'clip'), {})).path).toBe(join(MODELS, 'clip/onnx/vision_model.onnx'))
  })
})

describe('describeVision', () => {
  test.each<[unknown, unknown]>([
    [{ model_type: 'dinov2' }, { patchSize: 14, prefix: 1, imageSize: 224 }],
    [
      { model_type: 'dinov2', patch_size: 7, image_size: 518 },
      { patchSize: 7, prefix: 1, imageSize: 518 },
    ],
    [{ model_type: 'dinov2_with_registers' }, { patchSize: 14, prefix: 5, imageSize: 224 }],
    [
      { model_type: 'dinov3_vit', num_register_tokens: 4 },
      { patchSize: 16, prefix: 5, imageSize: 224 },
    ],
    [
      { model_type: 'clip_vision_model', num_register_tokens: 4 },
      { patchSize: 32, prefix: 1, imageSize: 224 },
    ],
    [
      { model_type: 'clip', vision_config: { patch_size: 16 } },
      { patchSize: 16, prefix: 1, imageSize: 224 },
    ],
    [
      { model_type: 'siglip', vision_config: {} },
      { patchSize: 16, prefix: 0, imageSize: 224 },
    ],
    [
      { model_type: 'siglip_vision_model', image_size: 384 },
      { patchSize: 16, prefix: 0, imageSize: 384 },
    ],
  ])('%j has tokens %j', (config, tokens) => {
    const mean = [0.1, 0.2, 0.3]
    expect(describeVision('model', config, { image_mean: mean, image_std: mean })).toEqual({ mean, std: mean, tokens })
    expect(describeVision('model', config, { do_normalize: false })).toEqual({
      mean: [0, 0, 0],
      std: [1, 1, 1],
      tokens,
    })
    expect(describeVision('model', config, undefined)).toEqual({ tokens })
  })

  test.each([0, -0.2])('a deviation of %s is refused: features would be infinite, or upside down', (deviation) => {
    const preprocessor = { image_mean: [0.5, 0.5, 0.5], image_std: [0.2, deviation, 0.2] }
    expect(() => describeVision('model', { model_type: 'dinov2' }, preprocessor)).toThrow(
      'model/preprocessor_config.json: image_std: three numbers above 0',
    )
  })

  test('a family without a name is refused, also where it cannot be made a text', () => {
    expect(() => describeVision('model', { model_type: { toString: 1 } }, undefined)).toThrow('got {"toString":1}')
  })

  test('any JSON is a description or is refused in words', () => {
    const config = fc.oneof(
      fc.jsonValue(),
      fc.record({
        model_type: fc.constantFrom('dinov2', 'clip', 'siglip'),
        vision_config: fc.jsonValue(),
        patch_size: fc.jsonValue(),
      }),
    )
    fc.assert(
      fc.property(config, fc.jsonValue(), (one, other) => {
        try {
          expect(describeVision('model', one, other).tokens?.patchSize).toBeGreaterThan(0)
        } catch (error) {
          if (!isTabError(error)) throw error
          expect(error.message).toMatch(/^model\//)
        }
      }),
    )
  })
})
