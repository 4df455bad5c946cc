import { memoizedExtractor } from '@tab/adapters'
import { onnxBackend } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import type { Backend, DetectorRecipe, FeatureExtractor, LongTaskOptions } from '@tab/core'
import { loadExtractor } from '@tab/weights/node'
import { layersOf, recipeOf, withoutAdaptation, type LearningSpec } from '../../spec/detector-spec.ts'
import type { Candidate } from './candidates.ts'

/** A method of a candidate on its backbone, and what else it takes to time it. */
export interface OpenedCandidate {
  /** On features that are kept in memory for the candidates that take the same. */
  readonly recipe: DetectorRecipe
  /** The same without adaptation to the part. */
  readonly plain: DetectorRecipe
  /** Without such a memory. */
  readonly extractor: FeatureExtractor
  readonly backend: Backend
}

/** Backbones and their features, opened once for as long as candidates ask for the same. */
export interface CandidateTools {
  open(
    candidate: Candidate,
    seen: readonly [number, number],
    seed: number,
    task: LongTaskOptions,
  ): Promise<OpenedCandidate>
  dispose(): void
}

const HELD_BYTES = 2 ** 29

export async function candidateTools(): Promise<CandidateTools> {
  const backend = onnxBackend({ ort: await loadOrt() })
  let held:
    | {
        readonly text: string
        readonly own: FeatureExtractor
        readonly shared: FeatureExtractor
        readonly layers: readonly string[]
      }
    | undefined
  const close = (): void => {
    held?.shared.dispose() // and with it the one that it stands on
    held = undefined
  }
  return {
    async open({ backbone: { weights }, detector }, seen, seed, task) {
      const asked = (described?: readonly string[]): readonly string[] => layersOf(detector, described)
      const text = JSON.stringify([weights, seen, asked()])
      if (held?.text !== text) {
        close()
        const { extractor: own, foreign } = await loadExtractor(
          weights,
          asked,
          { size: seen, where: 'spec.backbone' },
          task,
        )
        const layers = asked(foreign?.layers.map(({ name }) => name))
        held = { text, own, shared: memoizedExtractor(own, { maxBytes: HELD_BYTES }), layers }
      }
      const { own, shared, layers } = held
      const settled: LearningSpec = { ...detector, layers }
      const parts = { extractor: shared, backend, seed }
      return {
        recipe: recipeOf(settled, parts),
        plain: recipeOf(withoutAdaptation(settled), parts),
        extractor: own,
        backend,
      }
    },
    dispose() {
      close()
      backend.dispose()
    },
  }
}
