import { deriveRng, randomInteger } from '@tab/core'
import { detectorTargets } from './detector-targets.ts'
import { imageTargets } from './image-targets.ts'
import { modelTargets } from './model-targets.ts'
import { pick } from './mutate-bytes.ts'
import type { Target } from './target.ts'
import { textTargets } from './text-targets.ts'
import { weightTargets } from './weight-targets.ts'

/** Every parser, with its seeds. @param folder for files that are written */
export async function allTargets(folder: string): Promise<Target[]> {
  return [
    ...(await weightTargets()),
    ...(await detectorTargets()),
    ...(await modelTargets()),
    ...(await textTargets(folder)),
    ...(await imageTargets(folder)),
  ]
}

/** The input of a number: the same for the same seed, whatever ran before it. */
export function inputOf(
  targets: readonly Target[],
  seed: number,
  index: number,
): { target: Target; bytes: Uint8Array } {
  const rng = deriveRng(seed, 'fuzz', index)
  let ticket = randomInteger(rng, 1, targets.reduce((sum, { share }) => sum + share, 0)) // prettier-ignore
  const target = targets.find(({ share }) => (ticket -= share) <= 0) as Target
  return { target, bytes: target.mutate(pick(rng, target.seeds), rng, pick(rng, target.seeds)) }
}
