import { describe, expect, test } from '@jest/globals'
import { DeliveryQueue } from '../src/delivery/delivery-queue.ts'

interface Item {
  readonly id: string
}
const row = (id: number): Item => ({ id: String(id) })

/** A store that takes what it is given while `isUp`; each id once. */
function storeOf(isUp: () => boolean) {
  const stored = new Map<string, number>()
  return {
    stored,
    deliver: async (rows: readonly Item[]) => {
      await new Promise((resolve) => setTimeout(resolve, 2))
      if (!isUp()) throw new Error('the store is down')
      for (const { id } of rows) stored.set(id, (stored.get(id) ?? 0) + 1)
    },
  }
}

describe('items on their way to a receiver', () => {
  test('go together, each once, and say when they are there', async () => {
    let writes = 0
    const { stored, deliver } = storeOf(() => true)
    const counted = async (rows: readonly Item[]): Promise<void> => {
      writes += 1
      await deliver(rows)
    }
    const queue = new DeliveryQueue({ limit: 5000, atOnce: 500, deliver: counted })
    const answers = await Promise.all(Array.from({ length: 1200 }, (_, id) => queue.add(row(id))))
    expect(answers.every(Boolean)).toBe(true)
    expect([stored.size, new Set(stored.values()), queue.size]).toEqual([1200, new Set([1]), 0])
    expect(writes).toBeLessThan(10)
    await queue.close()
  })

  test('wait while it is down, and are stored when it is back', async () => {
    let isUp = false
    const { stored, deliver } = storeOf(() => isUp)
    const queue = new DeliveryQueue({ limit: 100, atOnce: 500, deliver })
    const adding = Promise.all([1, 2, 3].map((id) => queue.add(row(id))))
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([queue.failure, queue.size]).toEqual(['the store is down', 3])
    isUp = true
    expect(await adding).toEqual([true, true, true])
    expect([queue.failure, [...stored.keys()]]).toEqual([null, ['1', '2', '3']])
  })

  test('give way to newer ones where too many wait, and are counted', async () => {
    let isUp = false
    const { stored, deliver } = storeOf(() => isUp)
    const queue = new DeliveryQueue({ limit: 5, atOnce: 500, deliver })
    const first = queue.add(row(0))
    await new Promise((resolve) => setTimeout(resolve, 10)) // tried and failed once
    const adding = [first, ...Array.from({ length: 9 }, (_, id) => queue.add(row(id + 1)))]
    expect([queue.dropped, queue.size]).toEqual([5, 5])
    isUp = true
    const answers = await Promise.all(adding)
    expect(answers.filter(Boolean)).toHaveLength(5)
    expect([...stored.keys()]).toEqual(['5', '6', '7', '8', '9'])
  })

  test('are dropped and counted where it is still down at the end', async () => {
    const queue = new DeliveryQueue({ limit: 5, atOnce: 500, deliver: storeOf(() => false).deliver })
    const adding = queue.add(row(1))
    await queue.close()
    expect([await adding, queue.dropped]).toEqual([false, 1])
  })
})
