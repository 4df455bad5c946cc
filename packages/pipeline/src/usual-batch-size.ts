const USUAL_BATCH = 8
const USUAL_SIDE = 448 // pixels

/** Images per step unless told: 8, and fewer where they are larger than 448 px, as a network holds many maps of each. */
export function usualBatchSize([height, width]: readonly [number, number]): number {
  return Math.max(1, Math.min(USUAL_BATCH, Math.floor((USUAL_BATCH * USUAL_SIDE ** 2) / (height * width))))
}
