import { parseJson, TabError, type Rng } from '@tab/core'

/** A parser under fuzz. */
export interface Target {
  readonly name: string
  /** How many of a thousand inputs are for it. */
  readonly share: number
  /** Valid inputs. */
  readonly seeds: readonly Uint8Array[]
  /** One random change of a seed; `other` is another seed, to be mixed in. */
  mutate(bytes: Uint8Array, rng: Rng, other: Uint8Array): Uint8Array
  /**
   * Parses an input, and checks what it gives.
   * @throws a TabError for an invalid input; {@link Wrong} for a result that cannot be right
   */
  read(bytes: Uint8Array): Promise<void>
}

/** A parser accepted an input, and what it gave is wrong. */
class Wrong extends Error {
  override readonly name = 'Wrong'
}

/** @throws Wrong */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Wrong(what)
}

/** Whether bytes are the same. */
export function sameBytes(left: ArrayBufferView, right: ArrayBufferView): boolean {
  const of = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength)
  return of(left).equals(of(right))
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** JSON as the packages read it. @throws INVALID_DATA */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return parseJson(textOf(bytes))
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where: 'fuzz', message: 'not JSON', cause })
  }
}
