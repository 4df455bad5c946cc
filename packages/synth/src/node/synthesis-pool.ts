import { Worker, type WorkerOptions } from 'node:worker_threads'
import { availableParallelism } from 'node:os'
import { checkNumber, TabError, throwIfAborted, type Tensor } from '@tab/core'
import { synthesizerOf, type SynthesizerSpec } from '../synthesizer-of.ts'
import type { ExplainedAnomaly } from '../report.ts'
import type { Answer, Job, WorkerSetup } from './worker.ts'

export interface SynthesisPoolOptions {
  /** What to make, as plain data that can be sent to other threads. */
  readonly spec: SynthesizerSpec
  /** Pair `index` uses the random stream derived from (seed, index), whichever thread makes it. */
  readonly seed: number | string
  /** The index of the first image, to resume a stream. Default 0. */
  readonly firstIndex?: number
  /** The number of threads. Default: one less than the processor offers, at least 1. */
  readonly workers?: number
  /** The number of pairs that each worker makes in advance. Default 4. */
  readonly lookAhead?: number
  readonly signal?: AbortSignal | undefined
  /** The file with the worker's code, for bundlers that move files. Default: next to this module. */
  readonly workerFile?: URL
  /** Passed to each thread: `resourceLimits` and `execArgv`. */
  readonly workerOptions?: Pick<WorkerOptions, 'resourceLimits' | 'execArgv'>
}

/** A pair and its index in the stream. */
export interface StreamedAnomaly extends ExplainedAnomaly {
  readonly index: number
}

/**
 * Makes anomalous images from normal ones in worker threads, in order and ahead of the consumer. The stream is the same for any
 * number of workers, and equals `synthesizerOf(spec).synthesize(image, deriveRng(seed, index))`. The threads stop when the loop
 * ends, after an error and after an abort.
 * @param images [H,W,3] each; the stream may be endless
 * @throws INVALID_ARGUMENT for an invalid spec, before any thread starts; ABORTED; the errors of the synthesizer, with the index of
 *   the image and the original error as cause
 * @example
 * ```ts
 * import { syntheticParts } from '@tab/data'
 * import { synthesisStream } from '@tab/synth/node'
 * const parts = syntheticParts({ part: 'washer', size: [64, 64], seed: 1 })
 * const images = [0, 1, 2].map((index) => parts.normal(index).image)
 * const kinds: string[] = []
 * for await (const { index, report } of synthesisStream(images, { spec: { kind: 'scratch' }, seed: 1, workers: 1 })) {
 *   kinds.push(`${index} ${report.kind}`)
 * }
 * console.log(kinds) // [ '0 scratch', '1 scratch', '2 scratch' ]
 * ```
 */
export async function* synthesisStream(
  images: Iterable<Tensor> | AsyncIterable<Tensor>,
  options: SynthesisPoolOptions,
): AsyncGenerator<StreamedAnomaly, void, undefined> {
  const where = 'synthesisStream'
  const {
    spec,
    seed,
    firstIndex = 0,
    lookAhead = 4,
    signal,
    workers = Math.max(1, availableParallelism() - 1),
  } = options
  checkNumber(where, 'workers', workers, { integer: true, minimum: 1, maximum: 256 })
  checkNumber(where, 'lookAhead', lookAhead, { integer: true, minimum: 1 })
  checkNumber(where, 'firstIndex', firstIndex, { integer: true, minimum: 0 })
  synthesizerOf(spec)
  throwIfAborted(where, signal)

  const setup: WorkerSetup = { spec, seed }
  const file = options.workerFile ?? new URL('./worker.js', import.meta.url)
  const threads = Array.from({ length: workers }, () =>
    startThread(file, { ...options.workerOptions, workerData: setup }),
  )
  let interrupt: (error: TabError) => void = () => undefined
  const abort = (): void => interrupt(abortError(where, signal))
  signal?.addEventListener('abort', abort)
  // Not a race with one promise for the whole stream: it would keep every image that was ever awaited.
  const settled = (job: Promise<StreamedAnomaly>): Promise<StreamedAnomaly> =>
    new Promise((resolve, reject) => {
      throwIfAborted(where, signal)
      interrupt = reject
      job.then(resolve, reject)
    })
  const pending: Promise<StreamedAnomaly>[] = []
  try {
    let index = firstIndex
    for await (const image of images) {
      const thread = threads.reduce((idlest, next) => (next.waiting() < idlest.waiting() ? next : idlest))
      const job = thread.run({ index, image }).then((answer) => ({ index: answer.index, ...answer.anomaly }))
      job.catch(() => undefined) // reported when its turn comes
      pending.push(job)
      index++
      if (pending.length >= workers * lookAhead) yield await settled(pending.shift() as Promise<StreamedAnomaly>)
    }
    while (pending.length > 0) yield await settled(pending.shift() as Promise<StreamedAnomaly>)
  } finally {
    signal?.removeEventListener('abort', abort)
    await Promise.all(threads.map((thread) => thread.stop()))
  }
}

function abortError(where: string, signal: AbortSignal | undefined): TabError {
  return new TabError('ABORTED', { where, message: 'aborted by the caller', cause: signal?.reason })
}

/** The error of the thread's synthesizer with the index of its image, and the original error as cause. */
function refusal({ index, code, where, message }: Extract<Answer, { code: unknown }>): TabError {
  const cause = new TabError(code, { where, message })
  return new TabError(code, { where: `synthesisStream, image ${index}`, message: cause.message, cause })
}

interface Thread {
  /** The number of jobs not answered yet. */
  waiting(): number
  run(job: Job): Promise<Extract<Answer, { anomaly: unknown }>>
  stop(): Promise<unknown>
}

function startThread(file: URL, options: WorkerOptions): Thread {
  const worker = new Worker(file, options)
  const waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: unknown) => void }>()
  let failure: unknown
  const fail = (error: unknown): void => {
    failure ??= error
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  worker.on('message', (answer: Answer) => {
    const job = waiting.get(answer.index)
    waiting.delete(answer.index)
    if ('anomaly' in answer) job?.resolve(answer as never)
    else job?.reject(refusal(answer))
  })
  worker.on('error', fail)
  worker.on('exit', (code) =>
    fail(new TabError('UNSUPPORTED', { where: 'synthesisStream', message: `a worker thread ended with code ${code}` })),
  )
  return {
    waiting: () => waiting.size,
    run: (job) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return void reject(failure)
        waiting.set(job.index, { resolve: resolve as never, reject })
        worker.postMessage(job)
      }),
    stop: () => worker.terminate(),
  }
}
