import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createLifetime, isOffline, turnOffTelemetry } from '@tab/core'

const NAMES = ['ORT_DISABLE_TELEMETRY', 'HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']
let before: NodeJS.ProcessEnv
beforeEach(() => {
  before = { ...process.env }
  for (const name of NAMES) Reflect.deleteProperty(process.env, name)
})
afterEach(() => {
  for (const name of NAMES) Reflect.deleteProperty(process.env, name)
  Object.assign(process.env, before)
})

test('telemetry is turned off, unless the user has decided', () => {
  turnOffTelemetry()
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('1')
  process.env['ORT_DISABLE_TELEMETRY'] = '0'
  turnOffTelemetry()
  expect(process.env['ORT_DISABLE_TELEMETRY']).toBe('0')
})

test.each([
  ['1', true],
  ['true', true],
  ['YES', true],
  ['on', true],
  ['0', false],
  ['false', false],
  ['', false],
])('offline for %j is %s, by either variable', (value, offline) => {
  expect(isOffline()).toBe(false)
  for (const name of ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE']) {
    process.env[name] = value
    expect(isOffline()).toBe(offline)
    Reflect.deleteProperty(process.env, name)
  }
})

describe('a lifetime', () => {
  const part = (): { disposed: number; dispose(): void } => ({
    disposed: 0,
    dispose() {
      this.disposed++
    },
  })

  test('ends once, and what it owns with it, but not what was disposed of before', () => {
    const lifetime = createLifetime('thing')
    const [kept, gone] = [part(), part()]
    lifetime.own('make', kept)
    lifetime.own('make', gone).dispose()
    lifetime.check('use')
    expect([lifetime.end(), lifetime.end()]).toEqual([true, false])
    expect([kept.disposed, gone.disposed]).toEqual([1, 1])
    expect(() => lifetime.check('use')).toThrow('thing.use: used after dispose()')
  })

  test('a part that comes too late is disposed of and refused', () => {
    const lifetime = createLifetime('thing')
    const late = part()
    lifetime.end()
    expect(() => lifetime.own('make', late)).toThrow(expect.objectContaining({ code: 'DISPOSED' }))
    expect(late.disposed).toBe(1)
  })
})
