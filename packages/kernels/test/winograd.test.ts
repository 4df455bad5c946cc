import { expect, test } from '@jest/globals'
import { runWinograd, WINOGRAD_WORDS, winogradIn } from '@tab/kernels'

const SHAPE = {
  kind: 'convolution',
  count: 1,
  length: 1,
  input: [4, 4, 8],
  output: [4, 4, 8],
  padding: [1, 1],
} as const
const [JOB, INPUTS, FILTERS, OUTPUTS, ROOM] = [0, 1024, 8192, 24576, 32768]
const ACTIVE = 1 // counts threads within a part

test('a thread that failed within its part, which stays counted, ends the job at once', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true })
  const winograd = winogradIn(memory)
  if (!winograd) throw new Error('this engine has no SIMD')
  const words = new Int32Array(memory.buffer, JOB, WINOGRAD_WORDS)
  const run = () =>
    runWinograd(winograd, words, JOB, { ...SHAPE, inputs: INPUTS, outputs: OUTPUTS, filters: FILTERS, room: ROOM })
  run()
  Atomics.add(words, ACTIVE, 1)
  Atomics.store(words, WINOGRAD_WORDS - 1, 1)
  expect(run).toThrow('winograd: a thread that helps with convolutions failed')
})
