import { getEventListeners } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { deriveRng } from '@tab/core'
import { synthesizerOf, type SynthesizerSpec } from '@tab/synth'
import { synthesisStream, type SynthesisPoolOptions } from '@tab/synth/node'
import { disc } from './parts.ts'

const images = Array.from({ length: 9 }, (_, index) => disc(48 + index, 40))
const spec: SynthesizerSpec = {
  kind: 'mixture',
  parts: [
    [1, { kind: 'stain' }],
    [1, { kind: 'poissonPatch' }],
  ],
}

// Built packages bring their worker along; the sources need one that reads TypeScript.
const fromSource: Partial<SynthesisPoolOptions> =
  process.env['TAB_DIST'] === '1'
    ? {}
    : {
        workerFile: new URL('worker-source.mjs', import.meta.url),
        workerOptions: { execArgv: ['--conditions=@tab/source'] },
      }

async function collect(workers: number, more: Partial<SynthesisPoolOptions> = {}) {
  const made = []
  for await (const pair of synthesisStream(images, { spec, seed: 'pool', workers, ...fromSource, ...more }))
    made.push(pair)
  return made
}

describe('synthesisStream', () => {
  test('one worker or three: what a plain loop makes, in the order of the images', async () => {
    const synthesizer = synthesizerOf(spec)
    const wanted = images.map((image, index) => synthesizer.synthesize(image, deriveRng('pool', index)))
    for (const workers of [1, 3]) {
      const made = await collect(workers)
      expect(made.map(({ index }) => index)).toEqual(images.map((_, index) => index))
      made.forEach(({ image, mask, report }, index) => {
        expect(
          Buffer.from(image.data.buffer).equals(Buffer.from(wanted[index]?.image.data.buffer as ArrayBuffer)),
        ).toBe(true)
        expect([...mask.data]).toEqual([...(wanted[index]?.mask.data ?? [])])
        expect(report).toEqual(wanted[index]?.report)
      })
    }
  })

  test('leaving the loop, and an abort, end the threads', async () => {
    function* endless() {
      for (let index = 0; ; index++) yield images[index % images.length] as (typeof images)[number]
    }
    const controller = new AbortController()
    const options = { spec, seed: 1, workers: 2, ...fromSource }
    const { signal } = new AbortController()
    for await (const { index } of synthesisStream(endless(), { ...options, signal })) if (index === 3) break
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    const running = (async () => {
      for await (const { index } of synthesisStream(endless(), { ...options, signal: controller.signal })) {
        if (index === 2) controller.abort()
      }
    })()
    await expect(running).rejects.toMatchObject({ code: 'ABORTED' })
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    // jest itself reports threads that stay alive by not ending
  })

  test('a stream that has ended listens to its signal no more', async () => {
    const { signal } = new AbortController()
    const listening = new Set<unknown>()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (type: string, listener: never, options: never) => {
      listening.add(listener)
      add(type, listener, options)
    }
    signal.removeEventListener = (type: string, listener: never) => {
      listening.delete(listener)
      remove(type, listener)
    }
    await collect(1, { signal })
    expect(listening.size).toBe(0)
  })

  test('an image that the synthesizer refuses fails the stream with its number; a bad spec before any thread', async () => {
    const bad = [disc(40, 40), disc(20, 20)]
    const stream = synthesisStream(bad, { spec, seed: 1, workers: 1, ...fromSource })
    await expect(stream.next()).resolves.toMatchObject({ value: { index: 0 } })
    const reason = expect.stringMatching(/^(stain|poissonPatch)\.synthesize: image height must be .* got 20$/)
    await expect(stream.next()).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringMatching(/^synthesisStream, image 1: \w+\.synthesize: image height must be/),
      cause: expect.objectContaining({ code: 'INVALID_ARGUMENT', message: reason }),
    })
    const misspelt = synthesisStream(bad, { spec: { kind: 'crack' as never }, seed: 1 })
    await expect(misspelt.next()).rejects.toThrow('kind must be one of')
    const none = synthesisStream(bad, { spec, seed: 1, workers: 0 })
    await expect(none.next()).rejects.toThrow('workers must be a whole number >= 1')
  })
})
