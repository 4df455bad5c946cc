import { setTimeout as sleep } from 'node:timers/promises'

export interface DeliveryQueueOptions<Item> {
  /** Items that may wait. */
  readonly limit: number
  /** Items of one delivery. */
  readonly atOnce: number
  /** Delivers items, all or none. An error means that the receiver is down, and they are tried again: a second time must change nothing. */
  readonly deliver: (items: readonly Item[]) => Promise<void>
}

interface Waiting<Item> {
  readonly item: Item
  readonly settle: (delivered: boolean) => void
}

const FIRST_PAUSE = 50 // ms between attempts while the receiver is down, doubled up to
const LONGEST_PAUSE = 5000

/** Items on their way to a receiver that may be slow or down: kept in order, within a bound, and tried until they are delivered. */
export class DeliveryQueue<Item> {
  readonly #options: DeliveryQueueOptions<Item>
  readonly #waiting: Waiting<Item>[] = []
  readonly #closing = new AbortController()
  #inFlight: readonly Waiting<Item>[] = []
  #last: Promise<unknown> = Promise.resolve()
  #delivering: Promise<void> | undefined
  #failure: string | null = null
  #dropped = 0

  constructor(options: DeliveryQueueOptions<Item>) {
    this.#options = options
  }

  /** Items that are not delivered yet. */
  get size(): number {
    return this.#waiting.length + this.#inFlight.length
  }

  /** Items that were never delivered, since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Why the receiver takes nothing at present; null where it does. */
  get failure(): string | null {
    return this.#failure
  }

  get isFull(): boolean {
    return this.#waiting.length >= this.#options.limit
  }

  /** @returns whether it was delivered, as soon as that is known; false where it was dropped, to make room for a later one */
  add(item: Item): Promise<boolean> {
    if (this.isFull) this.#drop(this.#waiting.shift())
    const delivered = new Promise<boolean>((settle) => this.#waiting.push({ item, settle }))
    this.#last = delivered
    this.#start()
    return delivered
  }

  /** Resolves once what waits now is delivered or dropped. */
  async settled(): Promise<void> {
    await this.#last
  }

  #drop(one: Waiting<Item> | undefined): void {
    if (!one) return
    this.#dropped += 1
    one.settle(false)
  }

  #start(): void {
    this.#delivering ??= this.#deliver().finally(() => {
      this.#delivering = undefined
      if (this.#waiting.length > 0 && !this.#closing.signal.aborted) this.#start()
    })
  }

  async #deliver(): Promise<void> {
    const { signal } = this.#closing
    for (let pause = FIRST_PAUSE; this.#waiting.length > 0;) {
      const some = this.#waiting.splice(0, this.#options.atOnce)
      this.#inFlight = some
      try {
        await this.#options.deliver(some.map(({ item }) => item))
        this.#failure = null
        pause = FIRST_PAUSE
        for (const { settle } of some) settle(true)
        this.#inFlight = []
      } catch (error) {
        this.#failure = error instanceof Error ? error.message : String(error)
        this.#waiting.unshift(...some)
        this.#inFlight = []
        if (signal.aborted) return
        await sleep(pause, undefined, { signal }).catch(() => undefined)
        pause = Math.min(2 * pause, LONGEST_PAUSE)
      }
    }
  }

  /** Delivers what waits; what the receiver does not take now is dropped. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#delivering
    if (this.#waiting.length > 0) await this.#deliver()
    for (const one of this.#waiting.splice(0)) this.#drop(one)
  }
}
