import { randomUUID } from 'node:crypto'
import { TabError } from '@tab/core'
import { busy, HttpError, httpErrorOf } from '../http/http-error.ts'
import type { InspectionAnswer } from '../http/schemas.ts'
import type { Metrics } from '../metrics.ts'
import type { Catalog } from '../products/catalog.ts'
import type { DriftWatch } from '../products/drift-watch.ts'
import type { Sinks } from '../sinks/sinks.ts'
import type { KeptImages } from '../store/kept-images.ts'
import type { Store } from '../store/store.ts'
import type { StorePolicy } from '../server-spec.ts'
import type { ImageSource, MapFormat } from './protocol.ts'
import type { ThreadPool } from './thread-pool.ts'

export interface InspectionRequest {
  readonly product: string
  /** In place of the active one. */
  readonly version?: string | undefined
  readonly image: ImageSource
  /** What the client calls it. */
  readonly name: string | null
  readonly map: MapFormat
  /** Milliseconds after which the client no longer waits. */
  readonly within?: number | undefined
}

export interface InspectedRequest {
  readonly answer: InspectionAnswer
  readonly map: Uint8Array | null
  readonly mapShape: readonly number[] | null
}

/** From an image to its answer, for every way that it came in. */
export interface InspectionService {
  /** @throws HttpError 503 where too much is waiting or the deadline has passed; what is wrong with the request */
  inspect(request: InspectionRequest): Promise<InspectedRequest>
  /** From now on nothing new is taken. */
  stop(): void
}

export interface InspectionServiceParts {
  readonly catalog: Catalog
  readonly pool: ThreadPool
  readonly store: Store
  readonly policy: StorePolicy
  readonly images: KeptImages | undefined
  readonly metrics: Metrics
  readonly drift: DriftWatch
  readonly sinks: Sinks
}

export function createInspectionService(parts: InspectionServiceParts): InspectionService {
  const { catalog, pool, store, policy, images, metrics, drift, sinks } = parts
  let stopped = false

  async function inspect({ product, version, image, name, map, within }: InspectionRequest): Promise<InspectedRequest> {
    const started = performance.now()
    const sent = Date.now()
    if (stopped) throw busy('the server is stopping')
    // Fixed here: whatever is swapped in while the image waits, its answer comes from this version alone.
    const serving = catalog.serving(product, version)
    const { version: served, threshold } = serving
    if (pool.isFull) throw busy('as many images as may wait are waiting')
    if (policy === 'block' && store.results.isFull) throw busy('as many results as may wait for the store are waiting')
    const deadline = within === undefined ? null : sent + Math.floor(within) // whole ones, as the clock has
    const found = await beforeDeadline(
      pool.inspect({ model: served.model, image, threshold, map, deadline, sent }),
      within,
    )
    if (found.kind === 'late') throw late()
    if (found.kind === 'refused') {
      throw new TabError(found.code, { where: name ?? 'image', message: found.message })
    }
    const { inspection: told, map: picture, mapShape, times } = found
    if (version === undefined && told.score !== null && told.verdict !== 'not-judged') drift.add(serving, told.score)
    const id = randomUUID()
    const at = new Date(sent)
    if (images && typeof image !== 'string' && !('width' in image)) await images.keep(told.imageDigest, image)
    const storing = store.results.add({
      id,
      at,
      product,
      version: served.name,
      digest: served.model.digest,
      imageDigest: told.imageDigest,
      imageName: name,
      verdict: told.verdict,
      reason: told.reason,
      score: told.score,
      threshold: told.threshold,
      pValue: told.pValue,
      regions: told.regions,
      milliseconds: performance.now() - started,
    })
    const stored = policy === 'block' ? await storing : null
    if (stored === false) throw busy('the result could not be stored')
    const total = performance.now() - started
    metrics.inspections.inc({ product, version: served.name, verdict: told.verdict })
    for (const [stage, milliseconds] of Object.entries({ ...times, total })) {
      metrics.seconds.observe({ stage }, milliseconds / 1000)
    }
    const answer: InspectionAnswer = {
      id,
      at: at.toISOString(),
      product,
      version: served.name,
      digest: served.model.digest,
      ...told,
      imageName: name,
      regions: [...told.regions],
      thresholdFrom: threshold !== null ? 'override' : told.threshold !== null ? 'detector' : 'none',
      stored,
      milliseconds: { ...times, total },
    }
    sinks.send(answer)
    return { answer, map: picture, mapShape }
  }

  return {
    async inspect(request) {
      try {
        return await inspect(request)
      } catch (error) {
        const { code } = httpErrorOf(error)
        const known = catalog.names().includes(request.product) // a label that clients choose would grow without end
        metrics.failures.inc({ product: known ? request.product : 'unknown', code })
        throw error
      }
    },
    stop: () => void (stopped = true),
  }
}

function late(): HttpError {
  return new HttpError(503, 'LATE', 'its deadline passed before it was inspected', { 'retry-after': '1' })
}

/** The thread skips what is late; whoever waits for it is told at once. */
async function beforeDeadline<T>(work: Promise<T>, within: number | undefined): Promise<T> {
  if (within === undefined) return work
  let timer: NodeJS.Timeout | undefined
  const passed = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), within)
  })
  work.catch(() => undefined) // nobody may be waiting any more
  return Promise.race([work, passed]).finally(() => clearTimeout(timer))
}
