import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { memory } from '@tensorflow/tfjs'
import { tfjsBackend, type EngineName } from '@tab/backend-tfjs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { describeBackend } from '@tab/core/testing'

describe.each<EngineName>(['wasm', 'cpu'])('on %s', (name) => {
  let before = 0
  beforeAll(async () => {
    await selectEngine({ prefer: [name] })
    before = memory().numTensors
  })
  describeBackend(`tfjs-${name}`, { create: () => tfjsBackend(), runner: { describe, test } })
  afterAll(() => expect(memory().numTensors).toBe(before))
})
