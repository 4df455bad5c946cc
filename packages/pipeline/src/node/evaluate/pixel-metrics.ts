import { totalmem } from 'node:os'
import { TabError } from '@tab/core'
import type { PixelMetricsMode } from '../../spec/evaluate-spec.ts'

/** Pixels of a test set up to which metrics are exact unless told: 1337 images of 224 px, 64 of 1024 px. */
const EXACT_PIXELS = 2 ** 26

const BYTES_EACH = 30 // map, mask and what sorting takes, measured
const LONGEST_ARRAY = 2 ** 32 - 1

/**
 * The way of a test set: what was asked for, else by its size.
 * @throws INVALID_ARGUMENT when exact metrics take more memory than the machine has
 */
export function pixelMetricsOf(
  asked: PixelMetricsMode | undefined,
  images: number,
  [height, width]: readonly [number, number],
  memory: number = usableMemory(),
): PixelMetricsMode {
  const pixels = images * height * width
  if (asked !== 'exact') return asked ?? (pixels <= EXACT_PIXELS ? 'exact' : 'bounded')
  if (pixels <= LONGEST_ARRAY && pixels * BYTES_EACH <= memory) return 'exact'
  const gigabytes = (bytes: number): string => `${bytes < 1e10 ? (bytes / 1e9).toFixed(1) : Math.round(bytes / 1e9)} GB`
  throw new TabError('INVALID_ARGUMENT', {
    where: 'spec.pixelMetrics exact',
    message:
      `${images} test images at ${height} x ${width} px take about ${gigabytes(pixels * BYTES_EACH)} of memory; ` +
      `this machine gives ${gigabytes(memory)}. Use bounded, which says how far its values may be from the exact ones, or smaller images`,
  })
}

/** Bytes that this process may take: those of the machine, or of its container where that sets a limit. */
function usableMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
