import { sha256, TabError, tensor, type Backend, type FeatureExtractor, type Tensor } from '@tab/core'

/** A linear map [C,d] of the channels of each layer by its name. */
export type Projections = ReadonlyMap<string, Tensor>

/**
 * The extractor with the channels of some layers mapped, as by 1x1 convolutions without bias. Its id has a digest of the maps. It does not own the extractor.
 * @throws INVALID_DATA for a map that does not fit its layer, NOT_FOUND for one of a layer that is not there
 */
export async function adaptedExtractor(
  where: string,
  extractor: FeatureExtractor,
  backend: Backend,
  projections: Projections,
): Promise<FeatureExtractor> {
  const layers = new Map(extractor.layers.map((layer) => [layer.name, layer]))
  for (const [name, { shape }] of projections) {
    const layer = layers.get(name)
    if (!layer) {
      const known = [...layers.keys()].join(', ')
      throw new TabError('NOT_FOUND', { where, expected: `layers among ${known}`, actual: name })
    }
    if (shape[0] !== layer.channels) {
      const expected = `a projection of ${layer.channels} channels of ${name}`
      throw new TabError('INVALID_DATA', { where, expected, actual: String(shape[0]) })
    }
    layers.set(name, { ...layer, channels: shape[1] as number })
  }
  return {
    id: `${extractor.id}/adapted-${await digestOf(projections)}`,
    layers: [...layers.values()],
    async extract(images, wanted) {
      const features = new Map(await extractor.extract(images, wanted))
      for (const name of wanted) {
        const [map, projection] = [features.get(name), projections.get(name)]
        if (map && projection) features.set(name, await projected(backend, map, projection))
      }
      return features
    },
    dispose: () => undefined,
  }
}

async function projected(backend: Backend, { shape, data }: Tensor, projection: Tensor): Promise<Tensor> {
  const channels = shape.at(-1) as number
  const { data: values, shape: result } = await backend.matmul(
    tensor([data.length / channels, channels], data),
    projection,
  )
  return tensor([...shape.slice(0, -1), result[1] as number], values)
}

async function digestOf(projections: Projections): Promise<string> {
  const lines: string[] = []
  for (const [name, { shape, data }] of [...projections].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    lines.push(`${name} ${shape.join('x')} ${await sha256(bytes)}`)
  }
  return (await sha256(new TextEncoder().encode(lines.join('\n')))).slice(0, 16)
}
