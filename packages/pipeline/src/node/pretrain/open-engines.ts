import { availableParallelism } from 'node:os'
import { loadOrt } from '@tab/backend-onnx/node'
import { selectEngine } from '@tab/backend-tfjs/node'
import type { OnnxTraining } from '@tab/model/training'
import type { PretrainSpec } from '../../spec/pretrain-spec.ts'

/** What a training runs on, as its card and its notes name it. */
export interface TrainingEngines {
  readonly engine: { readonly name: string; readonly version: string; readonly threads?: number | undefined }
  /** Computes the backbone, where it is asked for. */
  readonly onnx: OnnxTraining | undefined
}

/**
 * Selects an engine of tfjs; `onnx` opens ONNX Runtime beside the wasm one.
 * @throws MISSING_DEPENDENCY, UNSUPPORTED for an engine that is not there
 */
export async function openEngines({
  engine,
  threads,
}: Pick<PretrainSpec, 'engine' | 'threads'>): Promise<TrainingEngines> {
  const prefer = engine === 'onnx' ? (['wasm', 'cpu'] as const) : engine && ([engine] as const)
  const selected = await selectEngine({ ...(prefer && { prefer }), ...(threads && { threads }) })
  if (engine !== 'onnx') return { engine: selected, onnx: undefined }
  const onnx = { ort: await loadOrt(), options: { intraOpNumThreads: threads ?? availableParallelism() } }
  return { engine: { ...selected, name: `onnx+${selected.name}` }, onnx }
}
