import { deriveRng, isTabError, TabError, throwIfAborted, type Tensor } from '@tab/core'
import { resizeImage, type Size } from '@tab/data'
import { readImage } from '@tab/data/node'
import { synthesizerOf, type ExplainedAnomaly, type SynthesizerSpec } from '@tab/synth'
import { synthesisStream, type SynthesisPoolOptions } from '@tab/synth/node'
import { specOf, takesSources } from '../../spec/anomaly-kinds.ts'

export interface PairsPlan {
  readonly kind: string
  readonly count: number
  readonly seed: number
  /** Images are resized to it; undefined keeps theirs. */
  readonly size: Size | undefined
  /** 1 works in this thread. */
  readonly workers: number
}

/** A pair and the file of its normal image. */
export interface PairOfFile {
  /** From 0. */
  readonly index: number
  readonly file: string
  readonly normal: Tensor
  readonly anomaly: ExplainedAnomaly
}

export interface PairsTask {
  readonly signal?: AbortSignal | undefined
  /** Called for a file that is left out, as it cannot be read or takes no defect. Default: such a file is an error. */
  readonly onUnsuitable?: ((file: string, error: TabError) => void) | undefined
  /** Where the code of the threads lies. Default: in the package that is installed. */
  readonly thread?: Pick<SynthesisPoolOptions, 'workerFile' | 'workerOptions'>
}

const SOURCES = 8 // images that Poisson patches are taken from
/** Errors that another image would not have. */
const OF_THE_IMAGE = ['INVALID_ARGUMENT', 'INVALID_DATA', 'NOT_FOUND', 'UNDEFINED_RESULT', 'NUMERICAL']

/**
 * Pairs made of image files, in turn; a file that is left out gives its place to the next one, from its first failure on. The pairs are the
 * same for any number of workers.
 * @throws what reading and synthesis throw, naming the file; INVALID_DATA when no file is left; ABORTED
 */
export async function* pairsOfFiles(
  all: readonly string[],
  plan: PairsPlan,
  { signal, onUnsuitable, thread = {} }: PairsTask,
): AsyncGenerator<PairOfFile, void, undefined> {
  const files = [...all]
  let [index, place] = [0, 0] // of the next pair, and of its file
  const read = async (file: string): Promise<Tensor> => {
    const image = await readImage(file)
    return plan.size ? resizeImage(image, plan.size) : image
  }
  function leaveOut(file: string, reason: unknown): void {
    const error = ofFile(file, reason)
    if (!onUnsuitable || !isTabError(error) || !OF_THE_IMAGE.includes(error.code)) throw error
    onUnsuitable(file, error)
    const at = files.indexOf(file)
    files.splice(at, 1)
    if (at < place) place--
    if (place === files.length) place = 0
    if (files.length > 0) return
    const expected = 'an image that can be read and takes a defect'
    throw new TabError('INVALID_DATA', { where: 'spec.input', expected, actual: `none among ${all.length}` })
  }

  const sources: Tensor[] = []
  for (const file of takesSources(plan.kind) ? all : []) {
    if (sources.length === SOURCES) break
    throwIfAborted('synthesize', signal)
    await read(file).then(
      (image) => void sources.push(image),
      (error: unknown) => leaveOut(file, error),
    )
  }
  const make = streamOf(specOf(plan.kind, sources), plan, { ...thread, signal })

  while (index < plan.count) {
    const waiting: { file: string; normal: Tensor }[] = []
    let unread: { file: string; error: unknown } | undefined
    const images = async function* (first: number, from: number): AsyncGenerator<Tensor> {
      for (let next = first; next < plan.count; next++) {
        throwIfAborted('synthesize', signal)
        const file = files[(from + next - first) % files.length] as string
        const normal = await read(file).catch((error: unknown) => {
          unread = { file, error }
          throw error
        })
        waiting.push({ file, normal })
        yield normal
      }
    }
    const stream = make(images(index, place), index)
    try {
      while (index < plan.count) {
        const made = await stream.next().catch((error: unknown) => ({ error }))
        if ('error' in made) {
          // Pairs come in order, so the one that failed is the first of those that wait; unless its image was not even read.
          const file = unread?.error === made.error ? unread?.file : waiting[0]?.file
          if (file === undefined) throw made.error
          leaveOut(file, made.error)
          break
        }
        const { file, normal } = waiting.shift() as { file: string; normal: Tensor }
        yield { index, file, normal, anomaly: made.value as ExplainedAnomaly }
        index++
        place = (place + 1) % files.length
      }
    } finally {
      await stream.return()
    }
  }
}

type Make = (images: AsyncIterable<Tensor>, firstIndex: number) => AsyncGenerator<ExplainedAnomaly, void, undefined>

function streamOf(
  spec: SynthesizerSpec,
  { seed, workers }: PairsPlan,
  pool: Pick<SynthesisPoolOptions, 'signal' | 'workerFile' | 'workerOptions'>,
): Make {
  if (workers > 1) return (images, firstIndex) => synthesisStream(images, { ...pool, spec, seed, workers, firstIndex })
  const synthesizer = synthesizerOf(spec)
  return async function* (images, firstIndex) {
    let index = firstIndex
    for await (const image of images) yield synthesizer.synthesize(image, deriveRng(seed, index++))
  }
}

/** The error with the file's name, where it does not have it yet; of a worker, the error as its synthesizer threw it. */
function ofFile(file: string, reason: unknown): unknown {
  if (!isTabError(reason) || !OF_THE_IMAGE.includes(reason.code) || reason.message.includes(file)) return reason
  const { code, message } = isTabError(reason.cause) ? reason.cause : reason
  return new TabError(code, { where: file, message, cause: reason })
}
