import { type DetectorState, type DType, type Tensor } from '@tab/core'

/** A state without its tensors. */
export type StateMaker = Omit<DetectorState, 'tensors'>

/** The states of several detectors in one: the tensors of the first are named `0/...`, everything else is described beside them. */
export function nestStates(states: readonly DetectorState[]): {
  readonly described: StateMaker[]
  readonly tensors: Readonly<Record<string, Tensor<DType>>>
} {
  const tensors: Record<string, Tensor<DType>> = {}
  const described = states.map(({ tensors: own, ...maker }, index) => {
    for (const [name, value] of Object.entries(own)) tensors[`${index}/${name}`] = value
    return maker
  })
  return { described, tensors }
}

/** The way back from {@link nestStates}. */
export function unnestStates(described: readonly StateMaker[], tensors: DetectorState['tensors']): DetectorState[] {
  return described.map((maker, index) => {
    const prefix = `${index}/`
    const own = Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
    return { ...maker, tensors: Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value])) }
  })
}

/** Whether a value read from a file describes a state: method, version, extractorId and options. */
export function isStateMaker(value: unknown): value is StateMaker {
  if (typeof value !== 'object' || value === null) return false
  const { method, version, extractorId, options } = value as Record<string, unknown>
  return (
    typeof method === 'string' &&
    typeof version === 'number' &&
    typeof extractorId === 'string' &&
    typeof options === 'object' &&
    options !== null
  )
}
