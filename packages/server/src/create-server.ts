import { join } from 'node:path'
import { TabError } from '@tab/core'
import { notReadable } from '@tab/core/node'
import { holdState } from './store/hold-state.ts'
import { assertProtected } from './http/access.ts'
import { createApp } from './http/app.ts'
import { createHealth } from './http/health-routes.ts'
import { createInspectionService } from './inspection/inspection-service.ts'
import { ThreadPool } from './inspection/thread-pool.ts'
import { createMetrics } from './metrics.ts'
import { createLearning } from './operators/learning.ts'
import { changesOf } from './products/changes.ts'
import { Catalog } from './products/catalog.ts'
import { DriftWatch } from './products/drift-watch.ts'
import { findDetectorFiles, ModelCopies } from './products/detector-files.ts'
import { readableFolder } from './readable-folder.ts'
import { settingsOf, type ServerSpec } from './server-spec.ts'
import { folderSource } from './sources/folder-source.ts'
import type { Source } from './sources/source.ts'
import { openSinks } from './sinks/sinks.ts'
import { KeptImages } from './store/kept-images.ts'
import { Store } from './store/store.ts'

/** How a server tells what it does. */
export interface ServerOptions {
  /** Called with what a person should know: files that are refused, errors of the server's own. Default: nothing. */
  readonly onNote?: ((note: string) => void) | undefined
}

/** A server that listens. */
export interface TabServer {
  /** Such as `http://127.0.0.1:8000`. */
  readonly url: string
  /** Names of the products it found. */
  readonly products: readonly string[]
  /** Takes nothing new, answers what is under way, stores what waits, and stops. */
  close(): Promise<void>
}

const SCAN_EVERY = 2000 // ms
const PRUNE_EVERY = 3_600_000 // ms
const MOST_NOTES = 100

/**
 * Starts a server of products: opens the store, checks the detector files, listens.
 * @throws INVALID_ARGUMENT for a spec that is wrong, or an address that others can reach without a token; NOT_FOUND without the folder of
 *   products; INCOMPATIBLE where another server holds the folder of its files; UNSUPPORTED where the address is taken
 * @example
 * ```ts
 * import { fit } from '@tab/pipeline/node'
 * import { createServer } from '@tab/server'
 * import { mkdir, readFile } from 'node:fs/promises'
 *
 * await mkdir('products/washer', { recursive: true })
 * const [backbone, output] = ['resnet18.safetensors', 'products/washer/v1.safetensors']
 * await fit({ data: 'washers', backbone, output, imageSize: [64, 64] })
 *
 * const server = await createServer({ products: 'products', port: 0, threads: 1 })
 * const body = await readFile('washers/train/good/000.png')
 * const headers = { 'content-type': 'image/png' }
 * const answer = await fetch(`${server.url}/v1/products/washer/inspect`, { method: 'POST', headers, body })
 * const { verdict, version } = (await answer.json()) as { verdict: string; version: string }
 * console.log(verdict, version) // good v1
 * await server.close()
 * ```
 */
export async function createServer(spec: ServerSpec, { onNote }: ServerOptions = {}): Promise<TabServer> {
  const settings = settingsOf(spec)
  assertProtected(settings)
  const { products, state, threads, queue, limits } = settings
  await findDetectorFiles(products).catch((cause: unknown) => {
    throw notReadable('spec.products', 'a readable folder of products', products, cause)
  })
  const folders = await Promise.all(settings.folders.map((folder) => readableFolder('spec.folders', folder)))
  for (const [index, { path }] of settings.sources.entries()) await readableFolder(`spec.sources.${index}.path`, path)
  const closing: (() => Promise<unknown>)[] = []
  const closeAll = async (): Promise<void> => {
    for (const close of closing.splice(0).reverse()) await close()
  }
  const notes: string[] = []
  const note = (text: string): void => {
    notes.push(`${new Date().toISOString()} ${text}`)
    notes.splice(0, notes.length - MOST_NOTES)
    onNote?.(text)
  }
  try {
    const lock = await holdState(state)
    closing.push(() => lock.release())
    const pool = new ThreadPool({
      threads,
      queue,
      memory: settings.memory * 2 ** 20,
      checkPictures: settings.checkPictures,
      ...limits,
    })
    closing.push(() => pool.close())
    const url = settings.database ?? null
    const place = { url, folder: join(state, 'store') }
    const store = await Store.open({ ...place, queue: settings.storeQueue }).catch((cause: unknown) => {
      const what = url === null ? place.folder : 'the database'
      const message = `${what} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`
      throw new TabError('UNSUPPORTED', { where: 'spec.database', message, cause })
    })
    closing.push(() => store.close())
    const copies = new ModelCopies(join(state, 'models'))
    const catalog = new Catalog({ folder: products, copies, check: (model) => pool.check(model), onNote: note })
    await catalog.scan()
    for (const change of await store.listChanges(null)) await catalog.apply(change)
    await copies.keepOnly(catalog.digests())
    const images = new KeptImages(join(state, 'images'))
    const metrics = createMetrics({
      tab_images_at_work: { help: 'Images that are inspected or wait', of: () => pool.atWork },
      tab_threads_lost_total: { help: 'Threads that died or took too long', of: () => pool.lost },
      tab_store_waiting: { help: 'Results that wait for the store', of: () => store.results.size },
      tab_store_dropped_total: { help: 'Results that were never stored', of: () => store.results.dropped },
      tab_products_drifted: {
        help: 'Products whose good parts no longer look like those of the fit',
        of: () => health.details().products.filter((product) => product.drift?.hasDrifted).length,
      },
      tab_sinks_waiting: {
        help: 'Results that wait for receivers',
        of: () => sinks.states().reduce((sum, { waiting }) => sum + waiting, 0),
      },
      tab_sinks_dropped_total: {
        help: 'Results that receivers never got',
        of: () => sinks.states().reduce((sum, { dropped }) => sum + dropped, 0),
      },
      tab_sinks_failing: {
        help: 'Receivers that take nothing at present',
        of: () => sinks.states().filter(({ failure }) => failure !== null).length,
      },
      tab_sources_refused_total: {
        help: 'Images of sources that were given up, as they cannot be read or scored',
        of: () => sources.reduce((sum, source) => sum + source.state().refused, 0),
      },
      tab_sources_failing: {
        help: 'Sources that wait or bring nothing at present',
        of: () => sources.filter((source) => source.state().failure !== null).length,
      },
      tab_store_failing: {
        help: '1 while the store takes no results',
        of: () => (store.results.failure === null ? 0 : 1),
      },
    })
    const sinks = openSinks(settings.sinks, note)
    closing.push(() => sinks.close())
    const drift = new DriftWatch(settings.driftFalseAlarmRate, note)
    const service = createInspectionService({
      catalog,
      pool,
      store,
      policy: settings.storePolicy,
      images: settings.keepImages ? images : undefined,
      metrics,
      drift,
      sinks,
    })
    const sources: Source[] = []
    let isStopping = false
    const health = createHealth({
      catalog,
      pool,
      store,
      drift,
      sinks,
      sources,
      notes: () => notes,
      isStopping: () => isStopping,
    })
    const onDefect = (error: unknown, request: string): void =>
      note(`${request}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    const change = changesOf(catalog, store)
    const learn = createLearning({ catalog, pool, store, copies, images, folder: products, change })
    const parts = { settings, folders, service, catalog, store, metrics, health, images, change, learn, onDefect }
    const app = await createApp(parts)
    closing.push(async () => {
      // A client that leaves its answer unread does not hold up a stop for longer than a request may take.
      const timer = setTimeout(() => app.server.closeAllConnections(), 1000 * limits.seconds)
      await app.close().finally(() => clearTimeout(timer))
    })
    closing.push(() => Promise.all(sources.map((source) => source.close())))
    for (const source of settings.sources) {
      const isStored = store.isStored.bind(store)
      const parts = { service, isStored, atOnce: threads, bytes: limits.bytes, onNote: note }
      sources.push(await folderSource(source, parts))
    }
    const every = (milliseconds: number, what: () => Promise<unknown>): void => {
      let isBusy = false
      const timer = setInterval(() => {
        if (isBusy) return
        isBusy = true
        what()
          .catch((error: unknown) => note(error instanceof Error ? error.message : String(error)))
          .finally(() => (isBusy = false))
      }, milliseconds)
      closing.push(async () => clearInterval(timer))
    }
    const prune = async (): Promise<void> => {
      const before = new Date(Date.now() - settings.keepDays * 86_400_000)
      await images.remove(await store.prune(before))
    }
    await prune()
    every(SCAN_EVERY, () => catalog.scan())
    every(PRUNE_EVERY, prune)
    const address = await app.listen({ host: settings.host, port: settings.port }).catch((cause: unknown) => {
      const message = `${settings.host}:${settings.port} cannot be listened at: ${(cause as Error).message}`
      throw new TabError('UNSUPPORTED', { where: 'spec.port', message, cause })
    })
    return {
      url: address,
      products: catalog.names(),
      async close() {
        isStopping = true
        service.stop()
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}
