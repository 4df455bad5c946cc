import { describe, expect, test } from '@jest/globals'
import { assertProtected } from '../src/http/access.ts'
import { settingsOf } from '../src/server-spec.ts'

test('all but the products has a default', () => {
  expect(settingsOf({ products: 'line', limits: { seconds: 5 } })).toMatchObject({
    host: '127.0.0.1',
    state: 'line/.tab-server',
    storePolicy: 'drop-oldest',
    limits: { bytes: 32 * 1024 * 1024, seconds: 5 },
  })
})

test.each([
  [{}, /spec\.products/],
  [{ products: 'line', threads: 0 }, /spec\.threads/],
  [{ products: 'line', token: 'short' }, /spec\.token: .*16/],
  [{ products: 'line', database: 'mysql://line' }, /spec\.database: .*postgres/],
  [{ products: 'line', limits: { bytes: -1 } }, /spec\.limits\.bytes/],
  [{ products: 'line', prots: 1 }, /prots/],
])('%j is refused by the name of the field', (spec, message) => {
  expect(() => settingsOf(spec)).toThrow(message)
})

describe('an address that others can reach', () => {
  const served =
    (host: string, more = {}) =>
    () =>
      assertProtected(settingsOf({ products: 'line', host, ...more }))

  test.each(['0.0.0.0', '::', '192.168.0.7', 'line.example', '127.evil.example'])('%s needs a token', (host) => {
    expect(served(host)).toThrow(/spec\.host: .*token/)
    expect(served(host, { token: 'a secret of the line' })).not.toThrow()
    expect(served(host, { insecure: true })).not.toThrow()
  })

  test.each(['127.0.0.1', '127.0.1.1', 'localhost', '::1'])('%s is none', (host) => {
    expect(served(host)).not.toThrow()
  })
})
