import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import * as tf from '@tensorflow/tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { sumInParts } from '../src/webgpu/sum-in-parts.ts'
import { watchDevice, type DeviceBackend } from '../src/webgpu/watch-device.ts'

const stock = tf.getKernel('AddN', 'cpu')

/** Puts a sum of many tensors into plain JavaScript's engine that is wrong beyond 7, as WebGPU's is with 8 storage buffers. */
function limitAddN(): void {
  tf.unregisterKernel('AddN', 'cpu')
  tf.registerKernel({
    ...stock,
    kernelFunc: (call) => (Object.keys(call.inputs).length > 7 ? tf.scalar(0.6957) : stock.kernelFunc(call)),
  })
}
function restoreAddN(): void {
  tf.unregisterKernel('AddN', 'cpu')
  tf.registerKernel(stock)
}

describe('sums of many tensors', () => {
  beforeAll(async () => {
    await selectEngine({ prefer: ['cpu'] })
    limitAddN()
  })
  afterAll(restoreAddN)

  test('an engine that adds few at once is refused by the check, and taken once sums are made in parts', async () => {
    await expect(selectEngine({ prefer: ['cpu'] })).rejects.toThrow(
      /cpu \(a sum of 80 tensors gave (undefined|0\.69\d+) instead of 3160\)/,
    )
    sumInParts('cpu', 7)
    expect(await selectEngine({ prefer: ['cpu'] })).toMatchObject({ name: 'cpu' })
  })

  test.each([1, 2, 7, 8, 49, 50, 80, 400])('%d tensors, with their gradients and none left over', (count) => {
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const sum = (...x: tf.Tensor[]) => tf.addN(x)
      const inputs = Array.from({ length: count }, (_, i) => tf.tensor1d([i + 1, -1]))
      expect([...sum(...inputs).dataSync()]).toEqual([(count * (count + 1)) / 2, -count])
      const gradients = tf.grads(sum as never)(inputs, tf.tensor1d([3, 5]))
      for (const gradient of gradients as tf.Tensor[]) expect([...gradient.dataSync()]).toEqual([3, 5])
      expect(sum(...inputs.map((x) => tf.cast(x, 'int32'))).dtype).toBe('int32')
    })
    expect(tf.memory().numTensors).toBe(before)
  })
})

/** What stands for a graphics card here: it reports what a test tells it to, in the order in which WebGPU does. */
function device() {
  const events = new EventTarget()
  let lose: (info: { reason: string; message: string }) => void = () => undefined
  const backend: DeviceBackend = {
    device: {
      limits: { maxStorageBuffersPerShaderStage: 8 },
      lost: new Promise((resolve) => (lose = resolve)),
      addEventListener: (type, listener) => events.addEventListener(type, listener as never),
    },
    read: async (dataId) => {
      if (lost) throw new DOMException('', 'AbortError')
      return dataId
    },
  }
  let lost = false
  return {
    backend,
    fail: (message: string) =>
      events.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: { message } })),
    lose(message: string) {
      lost = true
      lose({ reason: 'unknown', message })
    },
  }
}

describe('a graphics device that fails', () => {
  const data = { id: 1 }

  test('makes every later reading an error with the first reason, until the engine is chosen again', async () => {
    const { backend, fail } = device()
    watchDevice(backend)
    expect(await backend.read(data)).toBe(data)
    fail('The number of storage buffers (81) exceeds the limit (8).\n - While calling CreateComputePipeline')
    fail('another')
    for (let i = 0; i < 2; i++) {
      await expect(backend.read(data)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message:
          'webgpu: the graphics device failed, so nothing that it computed can be trusted: The number of storage buffers (81) exceeds the limit (8).',
      })
    }
    watchDevice(backend)
    expect(await backend.read(data)).toBe(data)
    fail('once more')
    await expect(backend.read(data)).rejects.toThrow('can be trusted: once more')
  })

  test('an error that comes while a value is read is an error of this reading', async () => {
    const { backend, fail } = device()
    const { read } = backend
    backend.read = async (dataId) => {
      fail('out of memory')
      return read(dataId)
    }
    watchDevice(backend)
    await expect(backend.read(data)).rejects.toThrow('out of memory')
  })

  test('once lost it stays lost', async () => {
    const { backend, lose } = device()
    watchDevice(backend)
    lose('driver reset')
    for (let i = 0; i < 2; i++) {
      await expect(backend.read(data)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('the graphics device was lost (driver reset)'),
      })
      watchDevice(backend)
    }
  })
})
