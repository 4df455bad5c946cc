import { TabError, type FeatureExtractor } from '@tab/core'

/** @throws NOT_FOUND for layers that the extractor lacks, or without layers */
export function checkLayers(where: string, extractor: FeatureExtractor, layers: readonly string[]): void {
  const known = extractor.layers.map(({ name }) => name)
  const unknown = layers.filter((name) => !known.includes(name))
  if (layers.length > 0 && unknown.length === 0) return
  throw new TabError('NOT_FOUND', {
    where,
    expected: `layers among ${known.join(', ')}`,
    actual: unknown.join(', ') || 'none',
  })
}
