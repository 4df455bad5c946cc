import { TabError, type FeatureExtractor, type Tensor } from '@tab/core'

/** Text vectors of the two states of a part: unit vectors [D]. */
export interface StatePrototypes {
  readonly normal: Tensor
  readonly abnormal: Tensor
}

/** Learned projections to the text space, as `loadAlignment` of `@tab/model` reads them. */
export interface TextAlignment {
  /** `logScale`, `image.*` (or `image.normal.*` and `image.abnormal.*`) and `patch.<layer>.*`; linear layers [in,out]. */
  readonly heads: ReadonlyMap<string, Tensor>
  /** By class. */
  readonly prototypes: ReadonlyMap<string, StatePrototypes>
  readonly imageLayer: string
  readonly patchLayers: readonly string[]
  /** Whether one head projects both states. */
  readonly sharedHead: boolean
  /** Digest of the weights it belongs to; the id of the extractor must contain it. */
  readonly backbone: string
}

/** The part of an alignment that one detector uses. */
export interface ProjectionHeads extends Pick<TextAlignment, 'heads' | 'imageLayer' | 'patchLayers' | 'sharedHead'> {
  readonly prototypes: StatePrototypes
}

/** Prefixes of the image heads of the normal and the abnormal state. */
export function imageHeadNames(sharedHead: boolean): readonly [string, string] {
  return sharedHead ? ['image', 'image'] : ['image.normal', 'image.abnormal']
}

/**
 * Collects the heads that a detector needs, each checked against the channels of the extractor's layers.
 * @param code of the error: INVALID_ARGUMENT for heads that a caller passes in, INVALID_DATA for heads read from a file
 */
export function checkedHeads(
  where: string,
  code: 'INVALID_ARGUMENT' | 'INVALID_DATA',
  { heads, imageLayer, patchLayers, sharedHead, prototypes }: ProjectionHeads,
  extractor: FeatureExtractor,
): ReadonlyMap<string, Tensor> {
  const channels = (name: string): number => extractor.layers.find((layer) => layer.name === name)?.channels ?? 0
  const dimension = prototypes.normal.shape[0] ?? 0
  const shapes = new Map<string, readonly number[]>([['logScale', []]])
  for (const prefix of imageHeadNames(sharedHead)) {
    shapes.set(`${prefix}.fc1.weight`, [channels(imageLayer), dimension])
    shapes.set(`${prefix}.fc2.weight`, [dimension, dimension])
    for (const part of ['fc1.bias', 'fc2.bias', 'norm.weight', 'norm.bias'])
      shapes.set(`${prefix}.${part}`, [dimension])
  }
  for (const layer of patchLayers) {
    shapes.set(`patch.${layer}.weight`, [channels(layer), dimension])
    shapes.set(`patch.${layer}.bias`, [dimension])
  }
  const check = (name: string, found: Tensor | undefined, shape: readonly number[]): Tensor => {
    const fits = found?.dtype === 'float32' && found.shape.join() === shape.join() && found.data.every(Number.isFinite)
    if (fits) return found
    const actual = found ? `${found.dtype} [${found.shape.join(',')}]` : 'none'
    throw new TabError(code, { where, expected: `${name} must be finite float32 [${shape.join(',')}]`, actual })
  }
  check('the normal prototype', prototypes.normal, [dimension])
  check('the abnormal prototype', prototypes.abnormal, [dimension])
  return new Map([...shapes].map(([name, shape]) => [name, check(`head "${name}"`, heads.get(name), shape)]))
}
