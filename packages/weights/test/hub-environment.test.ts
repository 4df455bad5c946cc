import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { getHFHubCachePath } from '@huggingface/hub'
import { hubOfEnvironment } from '../src/node/hub-weights.ts'

const NAMES = ['HF_HUB_CACHE', 'HUGGINGFACE_HUB_CACHE', 'HF_HOME', 'XDG_CACHE_HOME'] as const

test('variables that are passed are all read, and no other', () => {
  const before = { ...process.env }
  Object.assign(process.env, {
    HF_ENDPOINT: 'http://other',
    HF_TOKEN: 'other',
    HF_HUB_OFFLINE: '1',
    HF_HUB_CACHE: '/other',
  })
  try {
    const none = {
      url: 'https://huggingface.co',
      cache: join(homedir(), '.cache/huggingface/hub'),
      offline: false,
      token: undefined,
    }
    expect(hubOfEnvironment({})).toEqual(none)
    const all = {
      HF_ENDPOINT: 'http://mirror/',
      HF_TOKEN: 'secret',
      HF_HUB_CACHE: '/cache',
      TRANSFORMERS_OFFLINE: 'yes',
    }
    expect(hubOfEnvironment(all)).toEqual({ url: 'http://mirror', token: 'secret', cache: '/cache', offline: true })
  } finally {
    process.env = before
  }
})

test('the cache is that of the other clients, whichever variables are set', () => {
  const before = { ...process.env }
  try {
    for (let chosen = 0; chosen < 2 ** NAMES.length; chosen++) {
      const variables = Object.fromEntries(
        NAMES.filter((_, bit) => chosen & (1 << bit)).map((name) => [name, `/of ${name}`]),
      )
      for (const name of NAMES) Reflect.deleteProperty(process.env, name)
      Object.assign(process.env, variables)
      const { cache } = hubOfEnvironment(variables)
      expect([variables, cache]).toEqual([variables, getHFHubCachePath()])
    }
  } finally {
    process.env = before
  }
})
