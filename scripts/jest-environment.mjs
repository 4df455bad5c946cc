import { TestEnvironment } from 'jest-environment-node'

const HOST_CLASSES = [
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'ArrayBuffer',
  'SharedArrayBuffer',
  'DataView',
  'WebAssembly', // its memories are buffers of these classes
]

/** Node's test environment with the host's array classes, so that arrays made by native addons pass `instanceof` in tests. */
export default class HostArraysEnvironment extends TestEnvironment {
  async setup() {
    await super.setup()
    for (const name of HOST_CLASSES) this.global[name] = globalThis[name]
  }
}
