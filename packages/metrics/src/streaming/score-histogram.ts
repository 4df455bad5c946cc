const KEY_BITS = 24
const CHUNK_BITS = 12
const CHUNK = 1 << CHUNK_BITS
const CHUNKS = 1 << (KEY_BITS - CHUNK_BITS)
const NEGATIVE_ZERO = 0x80000000
const ZERO_BIN = NEGATIVE_ZERO >>> (32 - KEY_BITS)

/** Number of bins of {@link scoreBin}. */
export const SCORE_BINS: number = 2 ** KEY_BITS

/**
 * The bin of a float32 score by its leading 24 bits: sign, exponent and 15 bits of the mantissa, so that a bin is at most 1/32768
 * of the score wide and the range need not be known. It never falls as the score rises; 0 and -0 share a bin.
 * @param bits of a finite float32
 */
export function scoreBin(bits: number): number {
  return bits === NEGATIVE_ZERO ? ZERO_BIN : (bits ^ ((bits >> 31) | 0x80000000)) >>> (32 - KEY_BITS)
}

/** The highest float32 below all scores of a bin: the scores of this bin and of all higher ones are strictly above it. */
export function thresholdBelow(bin: number): number {
  const ordered = ((bin << (32 - KEY_BITS)) >>> 0) - (bin === ZERO_BIN ? 2 : 1) // -0 is not below 0
  const bits = ordered >>> 31 === 1 ? ordered ^ 0x80000000 : ~ordered
  return Math.max(-Number.MAX_VALUE, new Float32Array(Uint32Array.of(bits >>> 0).buffer)[0] as number)
}

/** Sums of amounts by the bin of {@link scoreBin}. Memory grows with the bins in use, to 128 MB if all are. */
export interface ScoreHistogram {
  add(bin: number, amount: number): void
  /** Sums of the 4096 bins from `index * 4096`; undefined where all are 0. */
  chunk(index: number): Float64Array | undefined
}

export function createScoreHistogram(): ScoreHistogram {
  const chunks = new Array<Float64Array | undefined>(CHUNKS).fill(undefined)
  return {
    add(bin, amount) {
      const sums = (chunks[bin >>> CHUNK_BITS] ??= new Float64Array(CHUNK))
      const place = bin & (CHUNK - 1)
      sums[place] = (sums[place] as number) + amount
    },
    chunk: (index) => chunks[index],
  }
}

/**
 * Puts histograms side by side, without the bins in which all are 0.
 * @param columns the histograms whose sums make up each column
 * @returns bins in ascending order, and for each column one sum per bin
 */
export function alignHistograms<Column extends string>(
  columns: Readonly<Record<Column, readonly ScoreHistogram[]>>,
): { readonly bins: Uint32Array; readonly sums: Readonly<Record<Column, Float64Array>> } {
  const names = Object.keys(columns) as Column[]
  const bins: number[] = []
  const sums = names.map((): number[] => [])
  for (let index = 0; index < CHUNKS; index++) {
    const chunks = names.map((name) =>
      columns[name].map((histogram) => histogram.chunk(index)).filter((chunk) => chunk !== undefined),
    )
    if (chunks.every((found) => found.length === 0)) continue
    for (let place = 0; place < CHUNK; place++) {
      const row = chunks.map((found) => found.reduce((sum, chunk) => sum + (chunk[place] as number), 0))
      if (row.every((sum) => sum === 0)) continue
      bins.push(index * CHUNK + place)
      row.forEach((sum, column) => (sums[column] as number[]).push(sum))
    }
  }
  return {
    bins: Uint32Array.from(bins),
    sums: Object.fromEntries(
      names.map((name, column) => [name, Float64Array.from(sums[column] as number[])]),
    ) as Record<Column, Float64Array>,
  }
}
