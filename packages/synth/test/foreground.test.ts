import { describe, expect, test } from '@jest/globals'
import { tensor, tensorOf } from '@tab/core'
import { foregroundMask } from '@tab/synth'
import { disc, texture } from './parts.ts'

describe('foregroundMask', () => {
  test('finds a disc to within its edge', () => {
    const [height, width] = [90, 70]
    const mask = foregroundMask(disc(height, width))
    let wrong = 0
    mask.data.forEach((value, pixel) => {
      const [dy, dx] = [Math.floor(pixel / width) / height - 0.5, (pixel % width) / width - 0.5]
      const distance = Math.sqrt(dy * dy + dx * dx)
      if (Math.abs(distance - 0.35) > 0.03 && value !== (distance < 0.35 ? 1 : 0)) wrong++
    })
    expect(wrong).toBe(0)
  })

  test('a hole of the background colour inside the object is inside', () => {
    const image = disc(64, 64)
    const data = image.data.slice()
    for (let y = 30; y < 36; y++) data.fill(0.12, (y * 64 + 30) * 3, (y * 64 + 36) * 3)
    const mask = foregroundMask(tensor([64, 64, 3], data))
    expect(mask.data[33 * 64 + 33]).toBe(1)
    expect(mask.data[0]).toBe(0)
  })

  test('a texture and a constant image have the full mask', () => {
    expect(foregroundMask(texture(64, 64)).data.every((value) => value === 1)).toBe(true)
    const constant = tensor([32, 32, 3], new Float32Array(3072).fill(0.4))
    expect(foregroundMask(constant).data.every((value) => value === 1)).toBe(true)
  })

  test('takes a threshold, and refuses what is out of range', () => {
    const image = disc(64, 64)
    expect(foregroundMask(image, { threshold: 0.2 }).data[32 * 64 + 32]).toBe(1)
    expect(() => foregroundMask(image, { threshold: -1 })).toThrow('threshold must be a finite number > 0')
    expect(() => foregroundMask(image, { borderShare: 2 })).toThrow('borderShare must be')
    expect(() => foregroundMask(tensorOf('float32', [4, 4], new Float32Array(16)))).toThrow(
      'image must be float32 [H,W,3], got [4,4]',
    )
  })
})
