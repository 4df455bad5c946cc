// The database of the server, in a thread of its own: the embedded one computes, and answers must not wait for it.
import type { Kysely } from 'kysely'
import { Piscina } from 'piscina'
import type { Change, RecordedChange } from '../products/product.ts'
import { openDatabase, type DatabasePlace, type Tables } from './database.ts'
import type { FeedbackOnImage, FeedbackRow, IdQuery, ImageQuery, ResultQuery, ResultRow } from './rows.ts'

export interface StoreData {
  readonly database: DatabasePlace
}

const { database } = Piscina.workerData as StoreData
let opening: Promise<Kysely<Tables>> | undefined

/** The database; where it could not be opened, the next call tries again. */
function opened(): Promise<Kysely<Tables>> {
  opening ??= openDatabase(database).catch((error: unknown) => {
    opening = undefined
    throw error
  })
  return opening
}

/** Resolves once the tables are there. */
export async function ready(): Promise<void> {
  await opened()
}

/** Results of one transaction; those that are there already are left as they are. */
export async function addResults(rows: readonly ResultRow[]): Promise<void> {
  const db = await opened()
  await db
    .insertInto('results')
    .values(rows.map((row) => ({ ...row, regions: JSON.stringify(row.regions) })))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute()
}

/** @returns false without such a result of the product */
export async function addFeedback(row: FeedbackRow): Promise<boolean> {
  const db = await opened()
  const result = db.selectFrom('results').select('id').where('id', '=', row.resultId).where('product', '=', row.product)
  if (!(await result.executeTakeFirst())) return false
  const region = row.region && JSON.stringify(row.region)
  await db
    .insertInto('feedback')
    .values({ ...row, region })
    .execute()
  return true
}

export async function listResults({ product, verdict, before, limit }: ResultQuery): Promise<ResultRow[]> {
  const db = await opened()
  let query = db.selectFrom('results').selectAll().orderBy('at', 'desc').orderBy('id').limit(limit)
  if (product !== undefined) query = query.where('product', '=', product)
  if (verdict !== undefined) query = query.where('verdict', '=', verdict)
  if (before !== undefined) query = query.where('at', '<', before)
  return query.execute()
}

/** Those that there are, in any order. */
export async function findResults({ product, ids }: IdQuery): Promise<ResultRow[]> {
  const db = await opened()
  return db
    .selectFrom('results')
    .selectAll()
    .where('product', '=', product)
    .where('id', 'in', [...ids])
    .execute()
}

/** Whether there is a result of an image. */
export async function isStored({ product, imageName, imageDigest }: ImageQuery): Promise<boolean> {
  const db = await opened()
  const query = db
    .selectFrom('results')
    .select('id')
    .where('imageDigest', '=', imageDigest)
    .where('imageName', '=', imageName)
  return (await query.where('product', '=', product).limit(1).executeTakeFirst()) !== undefined
}

export async function listFeedback(product: string): Promise<FeedbackOnImage[]> {
  const db = await opened()
  return db
    .selectFrom('feedback')
    .innerJoin('results', 'results.id', 'feedback.resultId')
    .selectAll('feedback')
    .select(['results.imageDigest', 'results.imageName', 'results.verdict', 'results.score'])
    .where('feedback.product', '=', product)
    .orderBy('feedback.at')
    .execute()
}

export async function addChange(change: Change): Promise<RecordedChange> {
  const db = await opened()
  return db
    .insertInto('changes')
    .values({ ...change, at: new Date() })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** @param product all where it is null */
export async function listChanges(product: string | null): Promise<RecordedChange[]> {
  const db = await opened()
  const query = db.selectFrom('changes').selectAll().orderBy('id')
  return (product === null ? query : query.where('product', '=', product)).execute()
}

/** Removes results from before a time, and the feedback on them. @returns digests of images that no result has any more */
export async function prune(before: Date): Promise<string[]> {
  const db = await opened()
  const gone = await db.deleteFrom('results').where('at', '<', before).returning('imageDigest').execute()
  const digests = [...new Set(gone.map(({ imageDigest }) => imageDigest))]
  if (digests.length === 0) return []
  const kept = await db.selectFrom('results').select('imageDigest').where('imageDigest', 'in', digests).execute()
  const held = new Set(kept.map(({ imageDigest }) => imageDigest))
  return digests.filter((digest) => !held.has(digest))
}

export async function close(): Promise<void> {
  await (await opening)?.destroy()
}
