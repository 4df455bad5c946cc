// What a thread does: it keeps detectors open and inspects images. Errors travel as data, so that only a lost thread rejects.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { isTabError, TabError, tensor } from '@tab/core'
import { notReadable } from '@tab/core/node'
import type { Inspector } from '@tab/pipeline'
import { learnGood, openInspector, type NodeImage } from '@tab/pipeline/node'
import { heatmapFile } from '@tab/report/node'
import { Piscina } from 'piscina'
import sharp from 'sharp'
import { withThreshold } from './with-threshold.ts'
import { OpenDetectors } from './open-detectors.ts'
import type {
  CheckAnswer,
  CheckTask,
  InspectAnswer,
  InspectTask,
  LearnAnswer,
  LearnTask,
  ThreadData,
} from './protocol.ts'

const { memory, pixels, checkPictures } = Piscina.workerData as ThreadData
const SESSION = { intraOpNumThreads: 1 }
const detectors = new OpenDetectors(memory, ({ path }) =>
  openInspector({ model: path, checkPictures, session: SESSION }),
)

/** Inspects one image. */
export async function inspect(task: InspectTask): Promise<InspectAnswer> {
  const taken = Date.now()
  if (task.deadline !== null && taken >= task.deadline) return { kind: 'late' }
  try {
    const { inspector, release } = await detectors.take(task.model)
    try {
      const opened = Date.now()
      const image = typeof task.image === 'string' ? await readAllowed(task.image) : task.image
      const imageDigest = createHash('sha256')
        .update('width' in image ? image.data : image)
        .digest('hex')
      if (!('width' in image)) await assertPixels(image)
      const found = withThreshold(await inspector.inspect(image), task.threshold)
      if (found.verdict === 'not-judged' && found.error) {
        return { kind: 'refused', code: found.error.code, message: found.error.message }
      }
      const { map, image: seen } = found
      const drawn = task.map === 'png' && map && seen
      return {
        kind: 'inspected',
        inspection: {
          verdict: found.verdict,
          reason: found.verdict === 'not-judged' ? found.reason : null,
          score: found.score,
          threshold: found.threshold,
          pixelThreshold: found.pixelThreshold,
          guaranteedRate: found.guaranteedRate,
          pValue: found.pValue,
          normalizedScore: found.normalizedScore,
          regions: found.regions,
          imageDigest,
        },
        map: drawn
          ? await heatmapFile(seen, map.data as Float32Array, found.pixelThreshold ?? undefined)
          : task.map === 'float32' && map
            ? new Uint8Array(Float32Array.from(map.data).buffer)
            : null,
        mapShape: task.map === 'none' || !map ? null : map.shape,
        times: { queued: taken - task.sent, open: opened - taken, inspect: Date.now() - opened },
      }
    } finally {
      release()
    }
  } catch (error) {
    return refused(error)
  }
}

/**
 * Opens a detector file and has it score the pictures of its parity certificate, or, without one, a grey image: what cannot do that, or scores otherwise
 * than at its fit, is never served.
 */
export async function check({ model }: CheckTask): Promise<CheckAnswer> {
  try {
    const { inspector, release } = await detectors.take(model)
    try {
      const { size } = inspector.preparation
      if ((await inspector.checkParity()) === null) await scoreGrey(inspector)
      const { threshold, guaranteedRate, calibration } = inspector
      const goodScores = calibration?.scores ?? null
      return { kind: 'sound', threshold, guaranteedRate, goodScores, imageSize: [size[0], size[1]] }
    } finally {
      release()
    }
  } catch (error) {
    return refused(error)
  }
}

/** Extends a detector by good images. */
export async function learn({ model, images, names }: LearnTask): Promise<LearnAnswer> {
  try {
    // Its bytes, as a message names a path.
    const file = await learnGood({ model: await readFile(model.path), images, names, session: SESSION })
    return { kind: 'learned', file }
  } catch (error) {
    return refused(error)
  }
}

async function scoreGrey({ inspect: look, preparation: { size } }: Inspector<NodeImage>): Promise<void> {
  const { score, map } = await look(tensor([...size, 3], new Float32Array(size[0] * size[1] * 3).fill(0.5)))
  if (score !== null && map) return
  throw new TabError('NUMERICAL', { where: 'self-test', expected: 'a finite score', actual: 'none' })
}

async function readAllowed(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw notReadable('inspect', 'a readable image file', path, cause)
  })
}

/** Before it is decoded: a small file may hold an image that fills the memory. Formats that sharp does not know are bounded by their size. */
async function assertPixels(bytes: Uint8Array): Promise<void> {
  const { width, height } = await sharp(bytes)
    .metadata()
    .catch(() => ({ width: 0, height: 0 }))
  if (width * height <= pixels) return
  const actual = `${width} x ${height}`
  throw new TabError('INVALID_DATA', { where: 'inspect', expected: `an image of at most ${pixels} pixels`, actual })
}

function refused(error: unknown): Extract<InspectAnswer & CheckAnswer, { kind: 'refused' }> {
  if (isTabError(error)) return { kind: 'refused', code: error.code, message: error.message }
  throw error
}
