import type { FeedbackOnImage } from '../store/rows.ts'

/** What people say of each image, the last word of several. @param feedback in the order in which it was given */
export function labelledImages(feedback: readonly FeedbackOnImage[]): FeedbackOnImage[] {
  return [...new Map(feedback.map((one) => [one.imageDigest, one])).values()]
}
