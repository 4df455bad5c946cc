import type { DetectorHeader } from '@tab/adapters'

/** The feature layers that a detector file asks for: as its maker noted them, else as its method has them in its options. */
export function featureLayers({ notes, options }: Pick<DetectorHeader, 'notes' | 'options'>): readonly string[] {
  if (isNames(notes['layers'])) return notes['layers']
  const { layers, patchLayers, imageLayer, members } = options
  if (isNames(layers)) return layers
  if (isNames(patchLayers))
    return [...new Set([...patchLayers, ...(typeof imageLayer === 'string' ? [imageLayer] : [])])]
  if (!Array.isArray(members)) return []
  const each = (members as readonly (Partial<DetectorHeader> | null)[]).flatMap((member) =>
    featureLayers({ notes: {}, options: member?.options ?? {} }),
  )
  return [...new Set(each)]
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => typeof entry === 'string')
}
