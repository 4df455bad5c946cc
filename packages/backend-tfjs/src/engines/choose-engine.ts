import * as tf from '@tensorflow/tfjs'
import { TabError } from '@tab/core'
import { checkEngine } from './check-engine.ts'
import type { Engine, EngineName, EngineOpener, RefusedEngine } from './engine.ts'

/**
 * Starts the first engine of the list that works.
 * @throws INVALID_ARGUMENT for an empty list or a name without opener; UNSUPPORTED, with every reason, when none works
 */
export async function chooseEngine(
  where: string,
  prefer: readonly EngineName[],
  openers: Readonly<Partial<Record<EngineName, EngineOpener>>>,
): Promise<Engine> {
  const known = Object.keys(openers)
  const unknown = prefer.filter((name) => !known.includes(name))
  if (prefer.length === 0 || unknown.length > 0) {
    throw new TabError('INVALID_ARGUMENT', {
      where,
      expected: `prefer must name engines among ${known.join(', ')}`,
      actual: unknown.join(', ') || 'none',
    })
  }
  const refused: RefusedEngine[] = []
  for (const name of prefer) {
    try {
      const { backend, threads } = await (openers[name] as EngineOpener).open()
      await checkEngine()
      return { name, backend, version: tf.version_core, threads, refused }
    } catch (error) {
      refused.push({ name, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  throw new TabError('UNSUPPORTED', {
    where,
    message: `no engine works: ${refused.map(({ name, reason }) => `${name} (${reason})`).join('; ')}`,
  })
}

/**
 * Makes a registered backend tfjs's current one.
 * @throws Error when it does not start
 */
export async function startBackend(backend: string): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs could not start its backend "${backend}"`)
  await tf.ready()
}
