import type { CoMoments } from './co-moments.ts'

const { fround } = Math

/** {@link CoMoments} in TypeScript: for every element, the same operations in the same order as in the kernel. */
export function coMomentsReference(dimension: number, size: number): CoMoments {
  const mergeBlock: CoMoments = (vectors, before, means, moments) => {
    const count = vectors.length
    const total = before + count
    const rows = Array.from({ length: count + 1 }, () => new Float32Array(dimension))
    for (let d = 0; d < dimension; d++) {
      let sum = 0
      for (const vector of vectors) sum += vector[d] as number
      const mean = sum / count
      vectors.forEach((vector, i) => ((rows[i] as Float32Array)[d] = (vector[d] as number) - mean))
      const moved = mean - (means[d] as number)
      means[d] = (means[d] as number) + moved * (count / total)
      ;(rows[count] as Float32Array)[d] = moved * Math.sqrt((before * count) / total)
    }
    for (let i = 0, place = 0; i < dimension; i++) {
      for (let j = 0; j <= i; j++, place++) {
        let sum = 0
        for (const row of rows) sum = fround(sum + fround((row[i] as number) * (row[j] as number)))
        moments[place] = (moments[place] as number) + sum
      }
    }
  }
  return (vectors, before, means, moments) => {
    for (let start = 0; start < vectors.length; start += size) {
      mergeBlock(vectors.slice(start, start + size), before + start, means, moments)
    }
  }
}
