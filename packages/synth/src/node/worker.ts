// The thread of a synthesis pool: makes the pairs it is asked for, one at a time.
import { parentPort, workerData } from 'node:worker_threads'
import { deriveRng, isTabError, type TabErrorCode, type Tensor } from '@tab/core'
import type { ExplainedAnomaly } from '../report.ts'
import { synthesizerOf, type SynthesizerSpec } from '../synthesizer-of.ts'

export interface WorkerSetup {
  readonly spec: SynthesizerSpec
  readonly seed: number | string
}

export interface Job {
  readonly index: number
  readonly image: Tensor
}

export type Answer =
  | { readonly index: number; readonly anomaly: ExplainedAnomaly }
  | { readonly index: number; readonly code: TabErrorCode; readonly where: string; readonly message: string }

const { spec, seed } = workerData as WorkerSetup
const synthesizer = synthesizerOf(spec)

parentPort?.on('message', ({ index, image }: Job) => {
  try {
    const anomaly = synthesizer.synthesize(image, deriveRng(seed, index))
    const answer: Answer = { index, anomaly }
    parentPort?.postMessage(answer, [anomaly.image.data.buffer as ArrayBuffer, anomaly.mask.data.buffer as ArrayBuffer])
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    const [code, where] = isTabError(error) ? [error.code, error.where] : (['UNSUPPORTED', synthesizer.name] as const)
    const message = text.startsWith(`${where}: `) ? text.slice(where.length + 2) : text
    const answer: Answer = { index, code, where, message }
    parentPort?.postMessage(answer)
  }
})
