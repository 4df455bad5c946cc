import { setTimeout as sleep } from 'node:timers/promises'
import { TabError } from '@tab/core'
import { Piscina } from 'piscina'
import type { Change, RecordedChange } from '../products/product.ts'
import type { DatabasePlace } from './database.ts'
import type { FeedbackOnImage, FeedbackRow, IdQuery, ImageQuery, ResultQuery, ResultRow } from './rows.ts'
import { threadCode } from '../thread-code.ts'
import type * as thread from './store-thread.ts'
import { DeliveryQueue } from '../delivery/delivery-queue.ts'

const LOOK_EVERY = 50 // ms
const MOST_ROWS = 500 // of one statement: each has 14 values, and PostgreSQL takes 65,535

export interface StoreOptions extends DatabasePlace {
  /** Results that may wait. */
  readonly queue: number
}

/** Results, feedback and changes, kept in SQL by a thread of their own. */
export class Store {
  readonly #pool: Piscina
  readonly results: DeliveryQueue<ResultRow>

  private constructor({ url, folder, queue }: StoreOptions) {
    const data: thread.StoreData = { database: { url, folder } }
    this.#pool = new Piscina({
      ...threadCode('store', 'store-thread'),
      minThreads: 1,
      maxThreads: 1,
      concurrentTasksPerWorker: 16,
      workerData: data,
      atomics: 'disabled',
    })
    this.#pool.on('error', () => undefined)
    this.results = new DeliveryQueue({
      limit: queue,
      atOnce: MOST_ROWS,
      deliver: (rows) => this.#ask('addResults', rows),
    })
  }

  /** @throws what opening the database throws */
  static async open(options: StoreOptions): Promise<Store> {
    const store = new Store(options)
    try {
      await store.#ask('ready', undefined)
      return store
    } catch (error) {
      await store.#pool.destroy()
      throw error
    }
  }

  /** @throws UNSUPPORTED where the database does not do it, without what only its operator may know */
  #run<Name extends keyof typeof thread>(
    name: Name,
    value: Parameters<(typeof thread)[Name]>[0],
  ): ReturnType<(typeof thread)[Name]> {
    return this.#ask(name, value).catch((cause: unknown) => {
      throw new TabError('UNSUPPORTED', { where: 'store', message: 'the database does not answer at present', cause })
    }) as ReturnType<(typeof thread)[Name]>
  }

  #ask<Name extends keyof typeof thread>(
    name: Name,
    value: Parameters<(typeof thread)[Name]>[0],
  ): ReturnType<(typeof thread)[Name]> {
    return this.#pool.run(value, { name }) as ReturnType<(typeof thread)[Name]>
  }

  /** Resolves once what waits is stored. @throws UNSUPPORTED while the database takes nothing */
  async #settled(): Promise<void> {
    const settled = this.results.settled().then(() => true)
    while (this.results.failure === null) {
      if (await Promise.race([settled, sleep(LOOK_EVERY, false)])) return
    }
    throw new TabError('UNSUPPORTED', { where: 'store', message: 'the database takes no results at present' })
  }

  /** @returns false without such a result of the product */
  async addFeedback(row: FeedbackRow): Promise<boolean> {
    await this.#settled() // the result it is about may still be waiting
    return this.#run('addFeedback', row)
  }

  listResults(query: ResultQuery): Promise<ResultRow[]> {
    return this.#run('listResults', query)
  }

  async findResults(query: IdQuery): Promise<ResultRow[]> {
    await this.#settled() // they may still be waiting
    return this.#run('findResults', query)
  }

  isStored(image: ImageQuery): Promise<boolean> {
    return this.#run('isStored', image)
  }

  listFeedback(product: string): Promise<FeedbackOnImage[]> {
    return this.#run('listFeedback', product)
  }

  addChange(change: Change): Promise<RecordedChange> {
    return this.#run('addChange', change)
  }

  listChanges(product: string | null): Promise<RecordedChange[]> {
    return this.#run('listChanges', product)
  }

  prune(before: Date): Promise<string[]> {
    return this.#run('prune', before)
  }

  /** Writes what waits, as long as that works, and closes the database. */
  async close(): Promise<void> {
    await this.results.close()
    await this.#ask('close', undefined).catch(() => undefined)
    await this.#pool.destroy()
  }
}
