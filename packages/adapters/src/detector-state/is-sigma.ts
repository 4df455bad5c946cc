/** Whether a value read from a file is a width of smoothing that a fit takes: a wider kernel would take minutes, or all memory. */
export function isSigma(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= 100
}
