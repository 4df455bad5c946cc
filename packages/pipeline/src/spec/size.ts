/** `[height, width]` in pixels, or one number for both. */
export type Size = number | readonly [number, number]

/** A spec in which every size is written out as `[height, width]`. */
export type WrittenOut<S> = {
  readonly [K in keyof S]: Size extends S[K] ? Exclude<S[K], number> : S[K]
}
