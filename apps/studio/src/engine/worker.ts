import { TabError } from '@tab/core'
import type { Inspector } from '@tab/pipeline'
import type { BrowserImage } from '@tab/pipeline/browser'
import { expose } from 'comlink'
import type { EngineApi } from './engine-api.ts'
import { compare, learn, type PreparedPictures } from './learn.ts'
import { look } from './look.ts'
import { openDetector } from './open.ts'
import { openRuntime, type Runtime } from './runtime.ts'

let runtime: Promise<Runtime> | undefined
let inspector: Inspector<BrowserImage> | undefined
let comparison = new AbortController()
const prepared: PreparedPictures = new Map()
const ready = (): Promise<Runtime> => (runtime ??= openRuntime())

const api: EngineApi = {
  async start() {
    const { threads } = await ready()
    return { threads }
  },
  async learn(request, onProgress) {
    comparison.abort()
    const ids = new Set(request.pictures.map(({ id }) => String(id)))
    for (const key of prepared.keys()) if (!ids.has(key.split(' ')[0] as string)) prepared.delete(key)
    return learn(await ready(), prepared, request, onProgress)
  },
  async compare(request) {
    comparison.abort()
    comparison = new AbortController()
    const { signal } = comparison
    return compare(await ready(), prepared, request, signal)
  },
  async open(file, backbone) {
    const opened = await openDetector(await ready(), file, backbone)
    if ('needsBackbone' in opened) return opened
    inspector?.dispose()
    inspector = opened.inspector
    return { detector: opened.detector }
  },
  async look(source, isDrawn) {
    if (!inspector)
      throw new TabError('INVALID_ARGUMENT', { where: 'look', expected: 'a detector', actual: 'none is open' })
    return look(inspector, source, isDrawn)
  },
}

expose(api)
