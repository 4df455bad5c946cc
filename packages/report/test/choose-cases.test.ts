import { describe, expect, test } from '@jest/globals'
import { chooseCases } from '../src/evaluation/choose-cases.ts'

const run = (good: readonly number[], defective: readonly number[]) => ({
  scores: Float32Array.from([...good, ...defective]),
  defects: [...good.map(() => 'good'), ...defective.map(() => 'crack')],
})

describe('chooseCases', () => {
  test('takes all, from the highest score down, when there is room', () => {
    expect(chooseCases([run([1, 5], [4, 9])], 4)).toEqual([3, 1, 2, 0])
  })

  test('takes the mistakes of every run, and others from all over the ranking', () => {
    const good = Array.from({ length: 50 }, (_, index) => index / 50)
    const defective = Array.from({ length: 50 }, (_, index) => 1 + index / 50)
    const first = run(good, defective)
    const second = run([...good].reverse(), [...defective].reverse())
    const chosen = chooseCases([first, second], 20)
    expect(chosen).toHaveLength(20)
    expect(new Set(chosen).size).toBe(20)
    expect(chosen).toEqual(expect.arrayContaining([49, 48, 50, 51])) // of the first: highest good, lowest defective
    expect(chosen).toEqual(expect.arrayContaining([0, 1, 99, 98])) // of the second
    const scores = chosen.map((index) => first.scores[index] as number)
    expect(scores).toEqual([...scores].sort((left, right) => right - left))
    expect(scores.filter((score) => score > 0.2 && score < 0.8).length).toBeGreaterThan(2)
  })

  test('shows more of one kind where the other runs out', () => {
    expect(
      chooseCases(
        [
          run(
            [0.1],
            Array.from({ length: 30 }, (_, index) => index + 1),
          ),
        ],
        10,
      ),
    ).toHaveLength(10)
  })
})
