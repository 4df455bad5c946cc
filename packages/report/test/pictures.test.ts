import { describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import sharp from 'sharp'
import { heatmapPicture, heatmapScale, photographPicture } from '../src/node/case-pictures.ts'
import { maskOutline } from '../src/mask-outline.ts'

const decode = (uri: string) => sharp(Buffer.from(uri.replace(/^data:image\/webp;base64,/, ''), 'base64'))

describe('maskOutline', () => {
  test('runs around the marked pixels, each a unit square around its centre', () => {
    const mask = new Uint8Array(8 * 10)
    for (let y = 2; y < 6; y++) mask.fill(1, y * 10 + 3, y * 10 + 7) // a square of 4 from (3, 2) to (7, 6)
    const path = maskOutline(mask, [8, 10]) ?? ''
    const numbers = [...path.matchAll(/([\d.]+),([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)])
    const [xs, ys] = [numbers.map(([x]) => x as number), numbers.map(([, y]) => y as number)]
    expect([Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]).toEqual([3, 7, 2, 6])
    expect(path).toMatch(/^M.*Z$/)
  })

  test('has a ring for each region and each hole, and none for an empty mask', () => {
    const mask = new Uint8Array(20 * 20)
    for (let y = 2; y < 12; y++) mask.fill(1, y * 20 + 2, y * 20 + 12)
    for (let y = 5; y < 9; y++) mask.fill(0, y * 20 + 5, y * 20 + 9)
    for (let y = 15; y < 19; y++) mask.fill(1, y * 20 + 15, y * 20 + 19)
    expect(maskOutline(mask, [20, 20])?.match(/M/g)).toHaveLength(3)
    expect(maskOutline(new Uint8Array(400), [20, 20])).toBeUndefined()
  })
})

describe('the pictures of a case', () => {
  test('a photograph keeps its colours, and a large heatmap is made smaller', async () => {
    const red = tensor(
      [16, 24, 3],
      Float32Array.from({ length: 16 * 24 * 3 }, (_, index) => (index % 3 === 0 ? 0.8 : 0.2)),
    )
    const photograph = decode(await photographPicture(red))
    const { channels, info } = { ...(await photograph.stats()), info: await photograph.metadata() }
    expect([info.width, info.height]).toEqual([24, 16])
    expect(channels[0]?.mean).toBeCloseTo(204, -1)
    expect(channels[1]?.mean).toBeCloseTo(51, -1)

    const heatmap = await decode(
      await heatmapPicture(new Float32Array(640 * 480), [480, 640], { low: 0, high: 1 }),
    ).metadata()
    expect([heatmap.width, heatmap.height, heatmap.hasAlpha]).toEqual([320, 240, true])
  })

  test('a heatmap is clear where the map is low, and red where it is high', async () => {
    const map = new Float32Array(64 * 64)
    map.fill(10, 0, 32 * 64)
    const { data } = await decode(await heatmapPicture(map, [64, 64], { low: 0, high: 10 }))
      .raw()
      .toBuffer({ resolveWithObject: true })
    const pixel = (y: number, x: number) => [...data.subarray((y * 64 + x) * 4, (y * 64 + x) * 4 + 4)]
    expect(pixel(60, 30)[3]).toBeLessThan(5)
    const [red, green, blue, alpha] = pixel(5, 30) as [number, number, number, number]
    expect(alpha).toBeGreaterThan(225)
    expect(red).toBeGreaterThan(2 * Math.max(green, blue))
  })

  test('maps that are all the same still have a scale', () => {
    expect(heatmapScale(new Float32Array(100).fill(30))).toEqual({ low: 30, high: 31 })
  })
})
