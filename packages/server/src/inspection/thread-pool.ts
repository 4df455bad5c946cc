import { setTimeout as sleep } from 'node:timers/promises'
import { isTabError, TabError, turnOffTelemetry } from '@tab/core'
import { Piscina } from 'piscina'
import { threadCode } from '../thread-code.ts'
import type {
  CheckAnswer,
  CheckTask,
  InspectAnswer,
  InspectTask,
  LearnAnswer,
  LearnTask,
  ModelFile,
  ThreadData,
} from './protocol.ts'

export interface ThreadPoolOptions {
  readonly threads: number
  /** Tasks that may wait for a thread. */
  readonly queue: number
  /** Bytes of detector files that are open at once. */
  readonly memory: number
  /** Whether pictures unlike those of the good parts are not judged. Default true. */
  readonly checkPictures?: boolean
  /** Of a decoded image. */
  readonly pixels: number
  /** From sending a task to its answer. */
  readonly seconds: number
}

const LEARNING = 10 // times as long as an inspection may take

/** Threads that inspect images. A thread that dies, or takes too long, is replaced; its task is tried once more. */
export class ThreadPool {
  readonly #pool: Piscina
  readonly #options: ThreadPoolOptions
  #atWork = 0
  #lost = 0

  constructor(options: ThreadPoolOptions) {
    turnOffTelemetry() // here, as a thread's own process.env does not reach the runtime
    this.#options = options
    const { memory, threads, pixels, checkPictures = true } = options
    const data: ThreadData = { memory: memory / threads, pixels, checkPictures }
    this.#pool = new Piscina({
      ...threadCode('inspection', 'inspect-thread'),
      minThreads: options.threads,
      maxThreads: options.threads,
      maxQueue: Infinity, // counted here, where checks of new detector files can be left out
      workerData: data,
      atomics: 'disabled', // an idle thread sleeps, and its messages of death arrive
    })
    this.#pool.on('error', () => undefined) // a thread that dies between tasks is replaced too
  }

  /** Images that are inspected or wait. */
  get atWork(): number {
    return this.#atWork
  }

  /** Threads that died or were ended, since the start. */
  get lost(): number {
    return this.#lost
  }

  get isFull(): boolean {
    return this.#atWork >= this.#options.threads + this.#options.queue
  }

  /** @throws UNSUPPORTED where the image took its thread along, twice */
  async inspect(task: InspectTask): Promise<InspectAnswer> {
    this.#atWork += 1
    try {
      return await this.#run<InspectAnswer>('inspect', task)
    } finally {
      this.#atWork -= 1
    }
  }

  async check(model: ModelFile): Promise<CheckAnswer> {
    return this.#run<CheckAnswer>('check', { model } satisfies CheckTask)
  }

  /** Takes as long as some inspections, on one thread. */
  async learn(model: ModelFile, images: readonly string[], names: readonly string[]): Promise<LearnAnswer> {
    return this.#run<LearnAnswer>(
      'learn',
      { model, images, names } satisfies LearnTask,
      LEARNING * this.#options.seconds,
    )
  }

  async #run<Answer>(
    name: string,
    task: InspectTask | CheckTask | LearnTask,
    seconds: number = this.#options.seconds,
  ): Promise<Answer> {
    const limit = AbortSignal.timeout(seconds * 1000)
    for (let attempt = 1; ; attempt++) {
      try {
        return (await this.#pool.run(task, { name, signal: limit })) as Answer
      } catch (cause) {
        this.#lost += 1
        const where = 'inspect'
        if (limit.aborted) {
          const message = `took longer than ${seconds} seconds`
          throw new TabError('UNSUPPORTED', { where, message, cause })
        }
        if (attempt === 2 || isTabError(cause)) {
          throw new TabError('UNSUPPORTED', { where, message: 'the thread that inspected it died, twice', cause })
        }
        await sleep(10) // until the pool has a new thread
      }
    }
  }

  /** Waits for what is under way, at most as long as a request may take. */
  async close(): Promise<void> {
    await Promise.race([
      this.#pool.close(),
      sleep(this.#options.seconds * 1000, undefined, { ref: false }).then(() => this.#pool.destroy()),
    ])
  }

  /** For tests of what happens when a thread dies. */
  get threads(): readonly { terminate(): Promise<number> }[] {
    return this.#pool.threads
  }
}
