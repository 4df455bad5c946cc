import { randomInteger, type Rng } from '@tab/core'
import { pick } from './mutate-bytes.ts'

const DEEP = 20_000

/** Numbers and depths that JSON has and values do not: a text `@raw:1` becomes the second. */
const RAW = [
  '1e999',
  '-1e999',
  `[${'['.repeat(DEEP)}${']'.repeat(DEEP)}]`,
  `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
]

/** What stands in place of a value. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  false,
  '',
  'x',
  '__proto__',
  '\0\ud800',
  0,
  -0,
  -1,
  0.5,
  1e-320,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  1e308,
  [],
  {},
  [[]],
  [null],
  ...[0, 1, 2, 3].map((index) => `@raw:${index}`),
]
const KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '', '0', '__metadata__']

interface Slot {
  readonly holder: Record<string, unknown>
  readonly key: string
}

/** Every place of a value, depth first. */
function slotsOf(value: unknown, slots: Slot[] = []): Slot[] {
  if (typeof value !== 'object' || value === null) return slots
  for (const key of Object.keys(value)) {
    const holder = value as Record<string, unknown>
    slots.push({ holder, key })
    slotsOf(holder[key], slots)
  }
  return slots
}

/** An own property, also where the name is that of a setter. */
function put(holder: Record<string, unknown>, key: string, value: unknown): void {
  if (Array.isArray(holder) && key === 'length') return
  Object.defineProperty(holder, key, { value, configurable: true, enumerable: true, writable: true })
}

function change(root: { value: unknown }, rng: Rng): void {
  const slots = slotsOf(root)
  const { holder, key } = pick(rng, slots)
  const other = pick(rng, slots)
  const value = holder[key]
  const kind = rng()
  if (kind < 0.45) put(holder, key, structuredClone(pick(rng, STRANGE)))
  else if (kind < 0.55 && typeof value === 'number') put(holder, key, value + pick(rng, [-1, 1, 0.5, 1e9, -1e9]))
  else if (kind < 0.6 && typeof value === 'string') put(holder, key, value.repeat(pick(rng, [0, 2, 1000])))
  else if (kind < 0.7 && key !== 'value') Reflect.deleteProperty(holder, key)
  else if (kind < 0.8) put(holder, pick(rng, KEYS), value)
  else if (kind < 0.9) put(holder, key, structuredClone(other.holder[other.key]))
  else if (Array.isArray(value)) value.push(...value)
  else if (typeof value === 'object' && value !== null) put(value as Record<string, unknown>, pick(rng, KEYS), 1)
}

/** JSON of a value with one to three random changes of types, numbers, keys and depth. */
export function mutateJson(value: unknown, rng: Rng): string {
  const root = { value: structuredClone(value) }
  for (let left = randomInteger(rng, 1, 3); left > 0; left--) change(root, rng)
  const text = JSON.stringify(root.value) ?? 'null'
  return text.replaceAll(/"@raw:(\d+)"/g, (_, index: string) => RAW[Number(index)] as string)
}
