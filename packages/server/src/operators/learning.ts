import { randomUUID } from 'node:crypto'
import { access, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { HttpError } from '../http/http-error.ts'
import type { ModelFile, ThreadInspection } from '../inspection/protocol.ts'
import type { ThreadPool } from '../inspection/thread-pool.ts'
import type { Catalog, Serving } from '../products/catalog.ts'
import type { MakeChange } from '../products/changes.ts'
import type { ModelCopies } from '../products/detector-files.ts'
import type { KeptImages } from '../store/kept-images.ts'
import type { FeedbackOnImage, ResultRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { labelledImages } from './labelled-images.ts'

export interface LearnRequest {
  readonly product: string
  /** Ids of results whose images are of good parts. */
  readonly results: readonly string[]
  /** Whether it goes live although it misses defects that were found before. */
  readonly force: boolean
  readonly author: string | null
  readonly note: string | null
}

/** Of images that are kept: how many there are, and how many are judged as people say, by the version before and by the new one. */
export interface Effect {
  readonly images: number
  readonly before: number
  readonly after: number
}

export interface Learned {
  readonly version: string
  readonly digest: string
  /** Kept images that people call defects, and how many of them are found. */
  readonly defects: Effect
  /** Kept images that people call good, and how many of them pass. */
  readonly good: Effect
  /** What was learned. */
  readonly learned: readonly {
    readonly result: string
    readonly before: number | null
    readonly after: number | null
  }[]
  /** Results whose defects were found before and pass from now on. */
  readonly missed: readonly string[]
}

export interface LearningParts {
  readonly catalog: Catalog
  readonly pool: ThreadPool
  readonly store: Store
  readonly copies: ModelCopies
  readonly images: KeptImages
  /** Folder of products. */
  readonly folder: string
  readonly change: MakeChange
}

const MOST_MEASURED = 200 // kept images of each label, the newest

/** Learns good images: the bank of the version that is served is extended to a new version, whose effect is measured before it goes live. One at a time. */
export function createLearning(parts: LearningParts): (request: LearnRequest) => Promise<Learned> {
  let last: Promise<unknown> = Promise.resolve()
  return async (request) => {
    const learned = last.then(() => learn(parts, request))
    last = learned.catch(() => undefined)
    return learned
  }
}

async function learn(parts: LearningParts, request: LearnRequest): Promise<Learned> {
  const { catalog, pool, store, copies, images } = parts
  const { product, results, force, author, note } = request
  const serving = catalog.serving(product)
  const rows = await rowsOf(parts, product, results)
  const said = labelledImages(await store.listFeedback(product))
  const contrary = rows.find(({ imageDigest }) =>
    said.some((one) => one.imageDigest === imageDigest && one.label === 'defect'),
  )
  if (contrary) {
    throw new HttpError(
      409,
      'INCOMPATIBLE',
      `the image of result ${contrary.id} was called a defect: say first that it is good`,
    )
  }
  const digests = [...new Set(rows.map(({ imageDigest }) => imageDigest))]
  const answer = await pool.learn(
    serving.version.model,
    digests.map((digest) => images.pathOf(digest)),
    digests,
  )
  if (answer.kind === 'refused' && answer.code === 'UNSUPPORTED')
    throw new HttpError(409, 'INCOMPATIBLE', answer.message)
  if (answer.kind === 'refused')
    throw new TabError(answer.code, { where: `product ${product}`, message: answer.message })
  const model = await copies.keep(answer.file)
  const checked = await pool.check(model)
  if (checked.kind === 'refused')
    throw new TabError(checked.code, { where: `product ${product}`, message: checked.message })

  const score = async (digest: string, file: ModelFile): Promise<ThreadInspection | null> => {
    const { threshold } = serving
    const task = { image: images.pathOf(digest), threshold, map: 'none', deadline: null, sent: Date.now() } as const
    const found = await pool.inspect({ model: file, ...task })
    return found.kind === 'inspected' ? found.inspection : null
  }
  const both = async (digest: string) => ({
    before: await score(digest, serving.version.model),
    after: await score(digest, model),
  })
  const learned: Learned['learned'][number][] = []
  for (const { id, imageDigest } of rows) {
    const { before, after } = await both(imageDigest)
    learned.push({ result: id, before: before?.score ?? null, after: after?.score ?? null })
  }
  const measure = async (label: FeedbackOnImage['label'], verdict: string) => {
    const effect = { images: 0, before: 0, after: 0 }
    const lost: string[] = []
    for (const { imageDigest, resultId } of said.filter((one) => one.label === label).slice(-MOST_MEASURED)) {
      const { before, after } = await both(imageDigest)
      if (!before || !after) continue // not kept
      effect.images += 1
      effect.before += Number(before.verdict === verdict)
      effect.after += Number(after.verdict === verdict)
      if (before.verdict === verdict && after.verdict !== verdict) lost.push(resultId)
    }
    return { effect, lost }
  }
  const [defects, good] = [await measure('defect', 'anomalous'), await measure('good', 'good')]
  if (defects.lost.length > 0 && !force) {
    const message =
      `it would miss ${defects.lost.length} of ${defects.effect.images} kept defects, which are found now: ` +
      `results ${defects.lost.slice(0, 5).join(', ')}; {"force": true} learns it nevertheless`
    throw new HttpError(409, 'INCOMPATIBLE', message)
  }
  const version = await publish(parts, serving, answer.file)
  const told = { product, version, digest: model.digest, author, note }
  // A threshold that somebody set stays: the scale of the scores is the one before.
  if (serving.threshold !== null) await parts.change({ ...told, kind: 'threshold', value: serving.threshold })
  await catalog.scan()
  await parts.change({ ...told, kind: 'learn', value: null })
  for (const { id } of rows) {
    const feedback = { id: randomUUID(), at: new Date(), product, resultId: id, label: 'good', region: null } as const
    await store.addFeedback({ ...feedback, note: note ?? `learned by version ${version}`, author })
  }
  return { version, digest: model.digest, defects: defects.effect, good: good.effect, learned, missed: defects.lost }
}

/** @throws HttpError 404 without a result, 409 where its image was not kept */
async function rowsOf({ store, images }: LearningParts, product: string, ids: readonly string[]): Promise<ResultRow[]> {
  const rows = await store.findResults({ product, ids })
  const unknown = ids.find((id) => !rows.some((row) => row.id === id))
  if (unknown !== undefined) throw new HttpError(404, 'NOT_FOUND', `product ${product} has no result ${unknown}`)
  for (const { id, imageDigest } of rows) {
    await access(images.pathOf(imageDigest)).catch(() => {
      throw new HttpError(
        409,
        'INCOMPATIBLE',
        `the image of result ${id} is not kept: the server must run with keepImages`,
      )
    })
  }
  return rows
}

/** Writes it beside the version that it is made of, under a name of its own. */
async function publish(
  { catalog, folder }: LearningParts,
  { product, version }: Serving,
  file: Uint8Array,
): Promise<string> {
  const base = version.name.replace(/\.learned-\d+$/, '')
  const taken = new Set(catalog.versions(product).map(({ name }) => name))
  let number = 1
  while (taken.has(`${base}.learned-${number}`)) number += 1
  const name = `${base}.learned-${number}`
  const hidden = join(folder, product, `.${name}.safetensors`)
  try {
    await writeAtomically(hidden, file)
    await rename(hidden, join(folder, product, `${name}.safetensors`))
  } catch (cause) {
    throw new TabError('INCOMPATIBLE', { where: `product ${product}`, message: 'its folder cannot be written', cause })
  }
  return name
}
