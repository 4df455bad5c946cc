import type { FeatureExtractor } from '@tab/core'

/** An extractor that sums up the time spent in it, so that a detector's own time can be told apart. */
export interface StopwatchExtractor extends FeatureExtractor {
  seconds(): number
}

export function stopwatchExtractor(extractor: FeatureExtractor): StopwatchExtractor {
  let milliseconds = 0
  return {
    id: extractor.id,
    layers: extractor.layers,
    async extract(images, layers) {
      const start = performance.now()
      try {
        return await extractor.extract(images, layers)
      } finally {
        milliseconds += performance.now() - start
      }
    },
    seconds: () => milliseconds / 1000,
    dispose: () => extractor.dispose(),
  }
}
