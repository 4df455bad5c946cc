import { createHash } from 'node:crypto'
import { type LongTaskOptions } from '@tab/core'
import { openDataset } from '@tab/data/node'
import { resolveWeights } from '@tab/weights/node'
import { DEFAULT_BACKBONE } from '../../spec/default-backbone.ts'
import { FIT_SPEC, type FitSpec } from '../../spec/fit-spec.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { VERSION } from '../../version.ts'
import { datasetDigest } from '../benchmark/cell-key.ts'
import { openFileDigests } from '../benchmark/file-digests.ts'

/**
 * Digest of everything that decides a fitted detector: the spec but for where it goes, the bytes of images and weights, and the version.
 * @returns 32 hexadecimal digits
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND as `fit` does; ABORTED
 * @example
 * ```ts
 * import { fitKey } from '@tab/pipeline/node'
 *
 * const spec = { data: 'washers', backbone: 'resnet18.safetensors', imageSize: [64, 64] } as const
 * const here = await fitKey({ ...spec, output: 'here.safetensors' })
 * const there = await fitKey({ ...spec, output: 'there.safetensors' })
 * console.log(here === there, here === (await fitKey({ ...spec, seed: 1, output: 'here.safetensors' }))) // true false
 * ```
 */
export async function fitKey(given: FitSpec, { signal }: LongTaskOptions = {}): Promise<string> {
  const spec = parseSpec(FIT_SPEC, given)
  const { data, backbone = DEFAULT_BACKBONE, layout, category } = spec
  const decides = { ...spec, data: undefined, backbone: undefined, output: undefined, overwrite: undefined }
  const digests = await openFileDigests(undefined, signal)
  const images = await datasetDigest(await openDataset(data, { layout, category, signal }), digests)
  const weights = await resolveWeights(backbone, { signal })
  const facts = [VERSION, decides, images, await digests.of(weights.path)]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32)
}
