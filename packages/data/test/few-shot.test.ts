import { describe, expect, test } from '@jest/globals'
import { tensor, tensorOf, type Tensor } from '@tab/core'
import { randomTensor } from '@tab/core/testing'
import { applySymmetry, augmentNormals, sampleShots, SYMMETRIES, type Sample, type Symmetry } from '@tab/data'
import fc from 'fast-check'

function samples(count: number): Sample[] {
  const one = (id: string, split: Sample['split'], label: 0 | 1): Sample => ({
    id,
    path: `/${id}`,
    split,
    label,
    defect: label === 0 ? 'good' : 'dent',
  })
  const train = Array.from({ length: count }, (_, i) => one(`train/good/${String(i).padStart(3, '0')}.png`, 'train', 0))
  return [
    ...train,
    one('train/dent/0.png', 'train', 1),
    one('test/good/0.png', 'test', 0),
    one('v.png', 'validation', 0),
  ]
}

describe('sampleShots', () => {
  test('fewer shots are the beginning of more, whatever the order of the samples', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), fc.nat(), (count, seed, turn) => {
        const all = samples(count)
        const turned = [...all.slice(turn % all.length), ...all.slice(0, turn % all.length)]
        const most = sampleShots(all, { shots: count, seed })
        expect(new Set(most.map(({ id }) => id)).size).toBe(count)
        expect(most.every(({ split, label }) => split === 'train' && label === 0)).toBe(true)
        for (let shots = 1; shots <= count; shots++) {
          expect(sampleShots(turned, { shots, seed })).toEqual(most.slice(0, shots))
        }
      }),
      { numRuns: 40 },
    )
  })

  test('every image is as likely, and seeds differ', () => {
    const counts = new Map<string, number>()
    for (let seed = 0; seed < 2000; seed++) {
      const [first] = sampleShots(samples(10), { shots: 1, seed })
      counts.set(first?.id as string, (counts.get(first?.id as string) ?? 0) + 1)
    }
    expect(counts.size).toBe(10)
    // Binomial(2000, 0.1) has a standard deviation of 13.4; five of them.
    for (const count of counts.values()) expect(Math.abs(count - 200)).toBeLessThan(67)
  })

  test('says how many there are when they do not suffice', () => {
    expect(() => sampleShots(samples(3), { shots: 4, seed: 1 })).toThrow(
      'at least 4 good training images for 4 shots, got 3',
    )
    expect(() => sampleShots(samples(3), { shots: 0, seed: 1 })).toThrow('shots must be a whole number >= 1, got 0')
    expect(() => sampleShots([...samples(3), ...samples(3)], { shots: 1, seed: 1 })).toThrow('two with the same id')
  })
})

/**
 * 1 2 3
 * 4 5 6
 */
const six = tensorOf('uint8', [2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6))

describe('applySymmetry', () => {
  test.each<[Symmetry, number[][]]>([
    ['rotate90', [[3, 6], [2, 5], [1, 4]]], // prettier-ignore
    ['rotate180', [[6, 5, 4], [3, 2, 1]]], // prettier-ignore
    ['rotate270', [[4, 1], [5, 2], [6, 3]]], // prettier-ignore
    ['flipHorizontal', [[3, 2, 1], [6, 5, 4]]], // prettier-ignore
    ['flipVertical', [[4, 5, 6], [1, 2, 3]]], // prettier-ignore
    ['transpose', [[1, 4], [2, 5], [3, 6]]], // prettier-ignore
    ['antitranspose', [[6, 3], [5, 2], [4, 1]]], // prettier-ignore
  ])('%s, by hand', (symmetry, rows) => {
    expect(applySymmetry(six, symmetry)).toEqual(
      tensorOf('uint8', [rows.length, rows[0]?.length as number], Uint8Array.from(rows.flat())),
    )
  })

  test('four quarter turns and two mirrorings give the image back; a batch is turned image by image', () => {
    const batch = randomTensor('batch', [3, 4, 5, 2])
    const twice = (symmetry: Symmetry, image: Tensor): Tensor => applySymmetry(applySymmetry(image, symmetry), symmetry)
    expect(twice('rotate90', twice('rotate90', batch))).toEqual(batch)
    for (const symmetry of ['rotate180', 'flipHorizontal', 'flipVertical', 'transpose', 'antitranspose'] as const) {
      expect(twice(symmetry, batch)).toEqual(batch)
    }
    for (const symmetry of SYMMETRIES) {
      const turned = applySymmetry(batch, symmetry)
      for (let n = 0; n < 3; n++) {
        const alone = applySymmetry(tensor([4, 5, 2], batch.data.slice(n * 40, (n + 1) * 40)), symmetry)
        expect(turned.shape.slice(1)).toEqual(alone.shape)
        expect(turned.data.slice(n * 40, (n + 1) * 40)).toEqual(alone.data)
      }
    }
  })

  test('refuses other ranks and names', () => {
    expect(() => applySymmetry(tensor([4], new Float32Array(4)), 'rotate90')).toThrow('[H,W] or [N,H,W,C], got [4]')
    expect(() => applySymmetry(six, 'rotate45' as Symmetry)).toThrow('one of rotate90, rotate180')
  })
})

describe('augmentNormals', () => {
  const collect = async (
    images: Tensor[],
    symmetries: readonly Symmetry[],
    signal?: AbortSignal,
  ): Promise<Tensor[]> => {
    const result: Tensor[] = []
    for await (const image of augmentNormals(images, { symmetries, signal })) result.push(image)
    return result
  }

  test('each batch as it is, then its copies', async () => {
    const [first, second] = [randomTensor('first', [2, 4, 4, 3]), randomTensor('second', [1, 4, 4, 3])]
    expect(await collect([first, second], ['rotate90', 'flipVertical'])).toEqual([
      first,
      applySymmetry(first, 'rotate90'),
      applySymmetry(first, 'flipVertical'),
      second,
      applySymmetry(second, 'rotate90'),
      applySymmetry(second, 'flipVertical'),
    ])
    expect(await collect([first], [])).toEqual([first])
  })

  test('all eight of a square image differ', async () => {
    const results = await collect([randomTensor('square', [1, 4, 4, 1])], SYMMETRIES)
    expect(new Set(results.map(({ data }) => data.join())).size).toBe(8)
  })

  test('images that are not square keep their shape or are refused', async () => {
    const wide = randomTensor('wide', [1, 4, 6, 3])
    const kept = await collect([wide], ['rotate180', 'flipHorizontal', 'flipVertical'])
    expect(kept.map(({ shape }) => shape)).toEqual(Array.from({ length: 4 }, () => [1, 4, 6, 3]))
    await expect(collect([wide], ['flipVertical', 'rotate270'])).rejects.toThrow('square images for rotate270')
  })

  test('refuses a symmetry named twice, and stops when asked', async () => {
    const image = randomTensor('image', [1, 4, 4, 3])
    await expect(collect([image], ['rotate90', 'rotate90'])).rejects.toThrow(
      'each symmetry once, got rotate90, rotate90',
    )
    await expect(collect([image], ['rotate90'], AbortSignal.abort())).rejects.toMatchObject({ code: 'ABORTED' })
  })
})
