import type { TransformersEnvironment } from './load-library.ts'

/** The queue of loads is on the object that they change, so every copy of this package sees the same queue. */
const QUEUE: unique symbol = Symbol.for('tab.transformers.queue') as never

/** Runs loads of a library one after another: its settings are global, and no load may see those of another. */
export async function inTurn<T>(environment: TransformersEnvironment, load: () => Promise<T>): Promise<T> {
  const holder = environment as TransformersEnvironment & { [QUEUE]?: Promise<unknown> }
  const turn = (holder[QUEUE] ?? Promise.resolve()).then(load)
  const value = turn.catch(() => undefined) // the next load does not fail with this one
  Object.defineProperty(holder, QUEUE, { value, configurable: true })
  return turn
}

/** Runs a load with settings and restores the previous ones. */
export async function withSettings<T>(
  environment: TransformersEnvironment,
  settings: Partial<TransformersEnvironment>,
  load: () => Promise<T>,
): Promise<T> {
  const names = Object.keys(settings) as (keyof TransformersEnvironment)[]
  const before = Object.fromEntries(names.map((name) => [name, environment[name]]))
  Object.assign(environment, settings)
  try {
    return await load()
  } finally {
    Object.assign(environment, before)
  }
}
