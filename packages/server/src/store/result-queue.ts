import { setTimeout as sleep } from 'node:timers/promises'
import type { StorePolicy } from '../server-spec.ts'
import type { ResultRow } from './rows.ts'

export interface ResultQueueOptions {
  readonly policy: StorePolicy
  readonly limit: number
  /** Writes results in one transaction; a second time changes nothing. */
  readonly write: (rows: readonly ResultRow[]) => Promise<void>
}

interface Waiting {
  readonly row: ResultRow
  readonly settle: (stored: boolean) => void
}

const MOST_AT_ONCE = 500 // rows of one statement: each has 14 values, and PostgreSQL takes 65,535
const LONGEST_PAUSE = 5000 // ms between attempts while the store is down

/** Results on their way to the store: many go in one transaction, so that each costs little, and a store that is down is tried again. */
export class ResultQueue {
  readonly #options: ResultQueueOptions
  readonly #waiting: Waiting[] = []
  #inFlight: readonly Waiting[] = []
  #last: Promise<unknown> = Promise.resolve()
  #writing: Promise<void> | undefined
  #failure: string | null = null
  #dropped = 0
  #isClosing = false

  constructor(options: ResultQueueOptions) {
    this.#options = options
  }

  /** Results that are not stored yet. */
  get size(): number {
    return this.#waiting.length + this.#inFlight.length
  }

  /** Results that were never stored, since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Why the store does not take results at present; null where it does. */
  get failure(): string | null {
    return this.#failure
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#options.limit
  }

  /** @returns whether it was stored, as soon as that is known; false where it was dropped, to make room */
  add(row: ResultRow): Promise<boolean> {
    if (this.isFull) this.#drop(this.#waiting.shift())
    const stored = new Promise<boolean>((settle) => this.#waiting.push({ row, settle }))
    this.#last = stored
    this.#start()
    return stored
  }

  /** Resolves once what waits now is stored or dropped. */
  async stored(): Promise<void> {
    await this.#last
  }

  #drop(one: Waiting | undefined): void {
    if (!one) return
    this.#dropped += 1
    one.settle(false)
  }

  #start(): void {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined
      if (this.#waiting.length > 0 && !this.#isClosing) this.#start()
    })
  }

  async #write(): Promise<void> {
    for (let pause = 50; this.#waiting.length > 0;) {
      this.#inFlight = this.#waiting.splice(0, MOST_AT_ONCE)
      const some = this.#inFlight
      try {
        await this.#options.write(some.map(({ row }) => row))
        this.#failure = null
        pause = 50
        for (const { settle } of some) settle(true)
        this.#inFlight = []
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error)
        this.#waiting.unshift(...some)
        this.#inFlight = []
        if (this.#isClosing) return
        await sleep(pause)
        pause = Math.min(2 * pause, LONGEST_PAUSE)
      }
    }
  }

  /** Writes what waits; what cannot be written is dropped. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.#writing
    if (this.#waiting.length > 0) await this.#write()
    for (const one of this.#waiting.splice(0)) this.#drop(one)
  }
}
