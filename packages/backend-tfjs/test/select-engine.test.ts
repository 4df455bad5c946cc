import { describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectBrowserEngine } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'

describe('selectEngine', () => {
  test('chooses the first engine that works and says why the others do not', async () => {
    const engine = await selectEngine({ threads: 2 })
    expect(engine).toMatchObject({ name: 'wasm', backend: 'wasm', version: '4.22.0', threads: 2 })
    expect(engine.refused.map(({ name }) => name)).toEqual(['node-gpu', 'node', 'webgpu'])
    for (const { name, reason } of engine.refused) {
      expect(`${name}: ${reason}`).toMatch(/npm install (@tensorflow\/tfjs-node(-gpu)?|webgpu)$/)
    }
    expect(tf.getBackend()).toBe('wasm')
  })

  test('threads change nothing in what is computed', async () => {
    await selectEngine({ prefer: ['wasm'] })
    const product = tf.tidy(() => tf.matMul(tf.range(0, 6).reshape([2, 3]), tf.range(0, 12).reshape([3, 4])))
    expect([...product.dataSync()]).toEqual([20, 23, 26, 29, 56, 68, 80, 92])
    product.dispose()
  })

  test('leaves no handler of unhandled errors and no global Worker', async () => {
    const counts = () => ['uncaughtException', 'unhandledRejection'].map((event) => process.listenerCount(event))
    expect(counts()).toEqual([0, 0])
    expect(Object.hasOwn(globalThis, 'Worker')).toBe(false)
  })

  test('plain JavaScript is chosen on request', async () => {
    const engine = await selectEngine({ prefer: ['cpu'] })
    expect(engine).toMatchObject({ name: 'cpu', threads: undefined, refused: [] })
  })

  test('in a browser, native engines are unknown', async () => {
    await expect(selectBrowserEngine({ prefer: ['node'] })).rejects.toThrow(
      'selectBrowserEngine: prefer must name engines among webgpu, wasm, cpu, got node',
    )
    const engine = await selectBrowserEngine({ prefer: ['webgpu', 'cpu'] })
    expect(engine.refused[0]?.reason).toMatch(/navigator.gpu|adapter/)
  })

  test('when none works, every reason is given', async () => {
    await expect(selectEngine({ prefer: ['node-gpu', 'node'] })).rejects.toMatchObject({ code: 'UNSUPPORTED' })
    await expect(selectEngine({ prefer: ['node-gpu', 'node'] })).rejects.toThrow(/node-gpu \(.+\); node \(.+\)/)
    await expect(selectEngine({ prefer: [] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    await expect(selectEngine({ threads: 0 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
