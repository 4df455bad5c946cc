import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng, deriveRng, randomInteger, tensor, tensorOf, type Rng, type Tensor } from '@tab/core'
import * as data from '@tab/data'
import { imageFromSource } from '@tab/data/browser'
import { imageBatches, readImage, writeImage } from '@tab/data/node'
import * as synth from '@tab/synth'
import { cropAndFlip, jitterColours } from '../../packages/model/src/training/batches/augment.ts'
import { POINT_OPERATIONS, type PointOperationName } from '../../packages/synth/src/augment/point-operations.ts'
import { sharpen } from '../../packages/synth/src/augment/sharpen.ts'
import { cropResized } from '../../packages/synth/src/image/bilinear.ts'
import { gaussianBlur } from '../../packages/synth/src/image/gaussian-blur.ts'
import { proceduralTexture } from '../../packages/synth/src/noise/procedural-texture.ts'

// A dependency of @tab/data, not of the workspace.
type WriteSixteenBits = (
  levels: Uint16Array,
  options: { raw: { width: number; height: number; channels: 3 } },
) => { toColourspace(name: string): { png(): { toFile(file: string): Promise<unknown> } } }
const sharp = createRequire(new URL('../../packages/data/package.json', import.meta.url))('sharp') as WriteSixteenBits

type Values = Float32Array | readonly number[]
type Make = (image: Tensor, rng: Rng) => Values | Promise<Values>

/** A function that makes pixels: what it makes of an image must be in [0,1]. */
export interface PixelMaker {
  readonly make: Make
  /** Smallest side that it takes. Default 1. */
  readonly smallest?: number
  /** Examples that the property test draws. Default 40. */
  readonly runs?: number
}

const sizeFrom = (rng: Rng): [number, number] => [randomInteger(rng, 1, 60), randomInteger(rng, 1, 60)]
const pixelsOf = ({ shape, data }: Tensor) => ({ height: shape[0] as number, width: shape[1] as number, data })

/** A synthesizer makes pixels, or says that the image gives it nothing to work with. */
function madeBy(synthesizer: synth.Synthesizer): PixelMaker {
  return {
    smallest: 32,
    runs: 8,
    make(image, rng) {
      try {
        return synthesizer.synthesize(image, rng).image.data
      } catch (error) {
        if ((error as { code?: string }).code === 'UNDEFINED_RESULT') return []
        throw error
      }
    },
  }
}

/** Every option at the end where it changes most. */
const STRONG: Partial<synth.OptionsByKind> = {
  cutPaste: { areaShare: [0.5, 1], aspectRatio: [1, 9], jitter: 0.5 },
  cutPasteScar: { width: [1, 256], length: [1, 256], rotation: 180, jitter: 0.5 },
  perlinAnomaly: { gridCellsExponent: [0, 7], threshold: -0.5, textures: 'image', transparency: [0, 0] },
  memSegAnomaly: { gridCellsExponent: [0, 7], threshold: -0.5, textures: 'image', tiles: 32, opacity: [1, 1] },
  poissonPatch: { patches: [1, 8], halfSize: { bounds: [0.01, 0.5] }, resize: { range: [0.1, 4] }, foreground: 'none' },
  scratch: { length: [0.5, 1], width: [8, 64], strength: [1, 1], bend: [0, 180] },
  stain: { radius: [0.3, 0.5], strength: [1, 1] },
  blurSpot: { radius: [0.3, 0.5], sigma: [1, 64], haze: 1 },
  missingRegion: { radius: [0.3, 0.5], fill: [1, 1, 1] },
  deformation: { radius: [0.3, 0.5], shift: [0.5, 0.6] },
}
const sources = [
  tensor([1, 1, 3], Float32Array.of(1, 1, 1)),
  tensor([3, 90, 3], new Float32Array(810).fill(1 - 2 ** -24)),
]

const synthesizers = Object.fromEntries(
  synth.SYNTHESIZER_KINDS.flatMap((kind) => [
    [kind, madeBy(synth.synthesizerOf({ kind }))],
    [`${kind}, strong`, madeBy(synth.synthesizerOf({ kind, options: STRONG[kind] } as synth.SynthesizerSpec))],
  ]),
)

const pointOperations = Object.fromEntries(
  (Object.keys(POINT_OPERATIONS) as PointOperationName[]).map((name): [string, PixelMaker] => [
    `point operation ${name}`,
    {
      make(image, rng) {
        const values = image.data.slice()
        POINT_OPERATIONS[name](values, rng)
        return values
      },
    },
  ]),
)

/** Every function that makes pixels, by its name where it is exported. Add a new one here: `range.test.ts` does the rest. */
export const PIXEL_MAKERS: Readonly<Record<string, PixelMaker>> = {
  // @tab/data
  overlayHeatmap: {
    make(image, rng) {
      const [height, width] = sizeFrom(rng)
      const values = Float32Array.from({ length: height * width }, () => randomInteger(rng, -9, 9))
      const opacity = randomInteger(rng, 0, 1)
      const options = { threshold: 1, opacity, outline: true, size: sizeFrom(rng) }
      return data.overlayHeatmap(image, tensor([height, width], values), options).data
    },
  },
  resizeImage: { runs: 150, make: (image, rng) => data.resizeImage(image, sizeFrom(rng)).data },
  'resizeImage, lanczos': { runs: 150, make: (image, rng) => data.resizeImage(image, sizeFrom(rng), 'lanczos').data },
  prepareImage: {
    make: (image, rng) => {
      const size = sizeFrom(rng)
      return data.prepareImage(image, { size, crop: [Math.min(5, size[0]), Math.min(5, size[1])], filter: 'lanczos' })
        .data
    },
  },
  centerCrop: {
    make: (image, rng) =>
      data.centerCrop(image, image.shape.slice(0, 2).map((side) => randomInteger(rng, 1, side)) as [number, number])
        .data,
  },
  applySymmetry: { make: (image) => data.SYMMETRIES.flatMap((name) => [...data.applySymmetry(image, name).data]) },
  augmentNormals: {
    async make(image) {
      const values: number[] = []
      const symmetries = ['rotate180', 'flipHorizontal', 'flipVertical'] as const
      for await (const { data: made } of data.augmentNormals([image], { symmetries })) values.push(...made)
      return values
    },
  },
  syntheticParts: {
    smallest: 32,
    runs: 3,
    make({ shape }, rng) {
      const part = data.PART_KINDS[randomInteger(rng, 0, data.PART_KINDS.length - 1)] as data.PartKind
      const kinds = data.defectsOf(part)
      const defect = kinds[randomInteger(rng, 0, kinds.length - 1)] as data.DefectKind
      const parts = data.syntheticParts({
        part,
        size: shape.slice(0, 2) as [number, number],
        seed: randomInteger(rng, 0, 1e6),
      })
      return [...parts.normal(0).image.data, ...parts.anomalous(1, defect).image.data]
    },
  },
  imageFromSource: {
    make({ shape, data: values }) {
      const [height, width] = shape as [number, number]
      const bytes = new Uint8ClampedArray(height * width * 4)
      for (let i = 0; i < height * width * 4; i++) bytes[i] = 255 * (values[Math.floor(i / 4) * 3 + (i % 4)] ?? 1)
      return imageFromSource({ data: bytes, width, height, colorSpace: 'srgb' } as ImageData).data
    },
  },
  'writeImage and readImage, 8 bits': {
    runs: 8,
    make: (image) => throughFile((file) => writeImage(file, image), readImage),
  },
  'readImage, 16 bits': {
    runs: 8,
    make: ({ shape, data: values }) =>
      throughFile(async (file) => {
        const levels = Uint16Array.from(values, (value) => value * 65535)
        const raw = { width: shape[1] as number, height: shape[0] as number, channels: 3 as const }
        await sharp(levels, { raw }).toColourspace('rgb16').png().toFile(file)
      }, readImage),
  },
  imageBatches: {
    runs: 8,
    make: (image, rng) =>
      throughFile(
        (file) => writeImage(file, image),
        async (path) => {
          const sample = { id: 'a', path, split: 'test', label: 0, defect: 'good' } as const
          const options = { size: sizeFrom(rng), batchSize: 1, filter: 'lanczos' } as const
          for await (const { images } of imageBatches([sample], options)) return images
          throw new Error('no batch')
        },
      ),
  },

  // @tab/synth
  ...synthesizers,
  synthesizerOf: madeBy(synth.synthesizerOf({ kind: 'avoidBackground', of: { kind: 'stain' } })),
  mixture: madeBy(synth.mixture(synth.SYNTHESIZER_KINDS.map((kind) => [1, synth.synthesizerOf({ kind })]))),
  chain: madeBy(
    synth.chain([synth.stain(), synth.blurSpot(), synth.perlinAnomaly({ textures: sources }), synth.scratch()]),
  ),
  withProbability: madeBy(synth.withProbability(0.5, synth.cutPaste())),
  avoidBackground: madeBy(synth.avoidBackground(synth.cutPaste())),
  'poissonPatch, from images of odd sizes': madeBy(synth.poissonPatch({ sources })),
  'perlinAnomaly, with textures of odd sizes': madeBy(synth.perlinAnomaly({ textures: sources })),
  blendPatch: {
    smallest: 3,
    make(image, rng) {
      const [height, width] = image.shape as [number, number]
      const [rows, columns] = [randomInteger(rng, 3, height), randomInteger(rng, 3, width)]
      const patch = cropResized(pixelsOf(image), rng() * height, rng() * width, 9 * rng(), 9 * rng(), rows, columns)
      const pixels = image.data.slice()
      const [top, left] = [randomInteger(rng, 1, height - rows + 1), randomInteger(rng, 1, width - columns + 1)]
      synth.blendPatch(pixels, width, top, left, patch, rng() < 0.5 ? 'source' : 'mixed')
      return pixels
    },
  },
  // Inside of @tab/synth: a value beyond would go through tables and powers before the canvas clips it.
  ...pointOperations,
  sharpen: { make: (image, rng) => sharpen(pixelsOf(image), 2 * rng()).data },
  gaussianBlur: { make: (image, rng) => gaussianBlur(pixelsOf(image), 0.3 + 9 * rng()).data },
  cropResized: {
    make: (image, rng) =>
      cropResized(pixelsOf(image), 9 * rng() - 4, 9 * rng() - 4, 30 * rng(), 30 * rng(), ...sizeFrom(rng)).data,
  },
  proceduralTexture: {
    smallest: 4,
    make: ({ shape }, rng) => proceduralTexture(rng, shape[0] as number, shape[1] as number).texture.data,
  },

  // @tab/model/training, between reading and the network
  cropAndFlip: {
    make(image, rng) {
      const settings = {
        imageSize: randomInteger(rng, 1, 64),
        minimumCrop: rng() < 0.5 ? 1 : 0.001 + 0.9 * rng(),
        flips: 'both',
      } as const
      return cropAndFlip(image, settings, rng).data
    },
  },
  jitterColours: {
    make(image, rng) {
      const mask = tensorOf('uint8', image.shape.slice(0, 2), new Uint8Array(image.data.length / 3))
      const [normal, abnormal] = jitterColours(image, { image, mask }, rng() < 0.3 ? 1 : rng(), rng)
      return [...normal.data, ...abnormal.data]
    },
  },
}

/** What the same entries export besides: functions that make no pixels. */
export const NO_PIXELS: readonly string[] = [
  'defectsOf',
  'goodImagesOf',
  'grayscale',
  'imageAt',
  'placeInOriginal',
  'polygonMask',
  'prefetch',
  'prepareMask',
  'renderHeatmap',
  'resizeMask',
  'sampleShots',
  'stackImages',
  'toLevels',
  'toRgba',
  'turbo',
  'usualConcurrency',
  'foregroundMask',
  'poissonSolver',
]

async function throughFile(
  write: (file: string) => Promise<unknown>,
  read: (file: string) => Promise<Tensor>,
): Promise<Values> {
  const folder = await mkdtemp(join(tmpdir(), 'tab-pixels-'))
  try {
    await write(join(folder, 'image.png'))
    return (await read(join(folder, 'image.png'))).data
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The stream of one maker and one example. */
export function rngOf(name: string, seed: number): Rng {
  return seed % 7 === 0 ? createRng(seed) : deriveRng(seed, name)
}
