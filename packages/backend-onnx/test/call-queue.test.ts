import { describe, expect, test } from '@jest/globals'
import type { OrtModule } from '@tab/backend-onnx'
import * as ortNode from 'onnxruntime-node'
import * as ortWeb from 'onnxruntime-web'
import { queueOf } from '../src/call-queue.ts'

/** The most calls that were under way at once, of three sessions with four calls each. */
async function mostAtOnce(ort: OrtModule): Promise<number> {
  let [now, most] = [0, 0]
  const call = async (): Promise<void> => {
    most = Math.max(most, ++now)
    await new Promise((resolve) => setTimeout(resolve, 1))
    now -= 1
  }
  const sessions = [queueOf(ort), queueOf(ort), queueOf(ort)]
  await Promise.all(sessions.flatMap((queue) => [1, 2, 3, 4].map(() => queue(call))))
  return most
}

describe('calls of sessions', () => {
  test('of onnxruntime-web go one at a time, whatever session they are of', async () => {
    expect(await mostAtOnce(ortWeb)).toBe(1)
  })

  test('of onnxruntime-node go side by side, one at a time in each session', async () => {
    expect(await mostAtOnce(ortNode)).toBe(3)
  })

  test('of a runtime that does not say what it is go one at a time', async () => {
    const { InferenceSession, Tensor } = ortNode
    expect(await mostAtOnce({ InferenceSession, Tensor } as OrtModule)).toBe(1)
  })

  test('keep their order, and go on after one that fails', async () => {
    const queue = queueOf(ortWeb)
    const done: number[] = []
    const failing = queue(async () => Promise.reject(new Error('out of memory')))
    const others = [1, 2, 3].map((number) => queue(async () => void done.push(number)))
    await expect(failing).rejects.toThrow('out of memory')
    await Promise.all(others)
    expect(done).toEqual([1, 2, 3])
  })
})
