import type { Region } from '@tab/pipeline'

/** The result of one image, as it is kept. */
export interface ResultRow {
  readonly id: string
  readonly at: Date
  readonly product: string
  readonly version: string
  /** SHA-256 of the detector file. */
  readonly digest: string
  /** SHA-256 of the image file. */
  readonly imageDigest: string
  /** What the client called the image. */
  readonly imageName: string | null
  readonly verdict: 'good' | 'anomalous' | 'not-judged'
  readonly reason: string | null
  readonly score: number | null
  readonly threshold: number | null
  readonly pValue: number | null
  readonly regions: readonly Region[]
  /** From the request's arrival to the answer. */
  readonly milliseconds: number
}

/** An image by its name and its bytes. */
export type ImageQuery = Pick<ResultRow, 'product' | 'imageDigest'> & { readonly imageName: string }

/** Results of a product by their ids. */
export interface IdQuery {
  readonly product: string
  readonly ids: readonly string[]
}

/** What a person says of a result. */
export interface FeedbackRow {
  readonly id: string
  readonly at: Date
  readonly product: string
  readonly resultId: string
  readonly label: 'good' | 'defect'
  /** In pixels of the image. */
  readonly region: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null
  readonly note: string | null
  readonly author: string | null
}

/** Feedback with the image it is about. */
export interface FeedbackOnImage extends FeedbackRow {
  readonly imageDigest: string
  readonly imageName: string | null
  readonly verdict: ResultRow['verdict']
  readonly score: number | null
}

/** Which results to list, newest first. */
export interface ResultQuery {
  readonly product?: string | undefined
  readonly verdict?: ResultRow['verdict'] | undefined
  /** Only those before this time. */
  readonly before?: Date | undefined
  readonly limit: number
}
