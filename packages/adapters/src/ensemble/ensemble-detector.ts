import { formatShape, TabError, tensor, type Detector, type Prediction } from '@tab/core'
import { checkedPrediction } from '../prediction/checked-prediction.ts'
import { fuse } from './fuse.ts'
import { ensembleState, type EnsembleModel } from './state.ts'

/** A detector that runs all members, one after another, and fuses their predictions. It owns the members. */
export function ensembleDetector(members: readonly Detector[], model: EnsembleModel): Detector {
  const { fusion, scales } = model
  let disposed = false
  return {
    async predict(images, { signal, onProgress } = {}): Promise<Prediction> {
      const where = 'ensemble.predict'
      if (disposed) throw new TabError('DISPOSED', { where, message: 'used after dispose()' })
      const predictions: Prediction[] = []
      for (const [number, member] of members.entries()) {
        predictions.push(checkedPrediction(where, await member.predict(images, { signal }), images.shape[0] as number))
        onProgress?.({ phase: 'predict', done: number + 1, total: members.length })
      }
      const [first] = predictions as [Prediction]
      for (const { maps } of predictions) {
        if (maps.shape.join() === first.maps.shape.join()) continue
        const [expected, actual] = [
          `maps of the same size from all members, ${formatShape(first.maps.shape)}`,
          formatShape(maps.shape),
        ]
        throw new TabError('INVALID_ARGUMENT', { where, expected, actual })
      }
      const scores = fuse(
        predictions.map((prediction) => prediction.scores.data),
        scales.map(({ score }) => score),
        fusion,
      )
      const maps = fuse(
        predictions.map((prediction) => prediction.maps.data),
        scales.map(({ map }) => map),
        fusion,
      )
      const fused = { scores: tensor(first.scores.shape, scores), maps: tensor(first.maps.shape, maps) }
      return checkedPrediction(where, fused, images.shape[0] as number)
    },
    state: () =>
      ensembleState(
        members.map((member) => member.state()),
        model,
      ),
    dispose() {
      if (!disposed) for (const member of members) member.dispose()
      disposed = true
    },
  }
}

/** Creates members one after another; when one fails, those created before are disposed of. */
export async function makeMembers<T>(
  parts: readonly T[],
  make: (part: T, index: number) => Promise<Detector>,
): Promise<Detector[]> {
  const members: Detector[] = []
  try {
    for (const [index, part] of parts.entries()) members.push(await make(part, index))
    return members
  } catch (error) {
    for (const member of members) member.dispose()
    throw error
  }
}
