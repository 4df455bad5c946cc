import { ensemble, padim, patchCore, readDetectorHeader, saveDetector, subspace, tiled } from '@tab/adapters'
import {
  createRng,
  readSafetensors,
  referenceBackend,
  tensor,
  type DType,
  type DetectorRecipe,
  type Rng,
  type Tensor,
} from '@tab/core'
import { openInspector } from '@tab/pipeline'
import { contentDigest } from '../../packages/adapters/src/detector-file/content-digest.ts'
import { tinyExtractor } from '../../packages/adapters/test/tiny-extractor.ts'
import { joinSafetensors, mutateSafetensors, splitSafetensors } from './mutate-safetensors.ts'
import { must, type Target } from './target.ts'

const SIZE = [32, 32] as const
const HEADER = 'tab.detector'

function images(count: number, seed: number, [height, width]: readonly [number, number]): Tensor {
  const rng = createRng(seed)
  return tensor(
    [count, height, width, 3],
    Float32Array.from({ length: count * height * width * 3 }, () => rng()),
  )
}

/** Detector files: opened as a product is, and asked for a score. Most changes get the digest that makes them pass as undamaged. */
export async function detectorTargets(): Promise<Target[]> {
  const extractor = tinyExtractor()
  const backend = referenceBackend()
  const parts = { extractor, backend }
  const cores = patchCore({ ...parts, layers: ['layer2'], coresetSize: 6 })
  const recipes: [DetectorRecipe, readonly [number, number]][] = [
    [cores, SIZE],
    [patchCore({ ...parts, layers: ['layer2'], coresetRatio: 0.3, position: 0.5 }), SIZE],
    [padim({ ...parts, layers: ['layer3'], dimensions: 4 }), SIZE],
    [subspace({ ...parts, layers: ['layer2'] }), SIZE],
    [ensemble([cores, subspace({ ...parts, layers: ['layer2'] })], { folds: 2 }), SIZE],
    [tiled(cores, { size: SIZE }), [48, 48]],
  ]
  const seeds = await Promise.all(
    recipes.map(async ([recipe, size]) => {
      const detector = await recipe.fit([images(4, 1, size)])
      const goodImages = ['a.png', 'b.png']
      const threshold = { threshold: 1, pixelThreshold: 2, method: 'held-out', scores: Float64Array.of(0.5, 0.6) }
      const rates = { falsePositiveRate: 0.1, guaranteedRate: null, pixelFalsePositiveRate: 0.01 }
      return saveDetector(detector, {
        preparation: { size },
        calibration: { ...threshold, ...rates } as never,
        notes: { backbone: { path: 'x', name: 'x' }, goodImages, smallestDefect: 3 },
      })
    }),
  )
  return [
    {
      name: 'detector',
      share: 150,
      seeds: seeds.map((bytes) => signed(bytes, () => 0)),
      mutate: (bytes, rng, other) => signed(mutateSafetensors(bytes.slice(0, -1), rng, other.slice(0, -1)), rng),
      async read(bytes) {
        const made = await resigned(bytes)
        const { preparation } = readDetectorHeader(made)
        // Larger than any seed's, a run would be long and not wrong.
        if (preparation?.size.some((side) => side > 128) && preparation.size[0] * preparation.size[1] <= 2 ** 28) return
        using inspector = Object.assign(await openInspector({ detector: made, ...parts }), {
          [Symbol.dispose]: () => undefined,
        })
        const result = await inspector.inspect(tensor([32, 32, 3], images(1, 7, SIZE).data))
        if (result.verdict === 'not-judged') return
        must(Number.isFinite(result.score), `the score is ${result.score}`)
        must(result.map.data.every(Number.isFinite), 'the map is not finite')
      },
    },
  ]
}

const SIGN = 0x5a

/** Marks most inputs as to be signed when they are read, by a last byte: a digest takes an await, and mutations are plain functions. */
function signed(bytes: Uint8Array, rng: Rng): Uint8Array {
  const marked = new Uint8Array(bytes.length + 1)
  marked.set(bytes)
  marked[bytes.length] = rng() < 0.85 ? SIGN : 0
  return marked
}

/** The file with the digest of its content, where it is marked and can be parsed. */
async function resigned(marked: Uint8Array): Promise<Uint8Array> {
  const bytes = marked.slice(0, -1)
  if (marked.at(-1) !== SIGN) return bytes
  try {
    const { entries, metadata } = readSafetensors(bytes)
    const tensors = new Map<string, Tensor<DType>>([...entries].map(([name, entry]) => [name, entry.toTensor()]))
    const { header, data } = splitSafetensors(bytes)
    const digest = await contentDigest(String(metadata[HEADER]), tensors)
    const __metadata__ = { ...header.__metadata__, 'tab.digest': digest }
    return joinSafetensors(JSON.stringify({ ...header, __metadata__ }), data)
  } catch {
    return bytes
  }
}
