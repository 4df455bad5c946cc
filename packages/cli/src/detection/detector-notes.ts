import { TabError, type JsonValue } from '@tab/core'

/** What `tab fit` notes in a detector file, for `tab predict` to find the backbone. */
export interface DetectorNotes {
  readonly backbone: {
    /** As it was when the detector was fitted. */
    readonly path: string
    readonly name: string
  }
  /** Feature layers of the backbone that the detector asks for. */
  readonly layers: readonly string[]
  /** Good images fitted on, and held out for the thresholds. */
  readonly images: { readonly fitted: number; readonly heldOut: number }
  readonly madeBy: string
}

/** The notes as JSON. */
export function formatNotes(notes: DetectorNotes): Readonly<Record<string, JsonValue>> {
  return { ...notes, backbone: { ...notes.backbone }, images: { ...notes.images } }
}

/**
 * The backbone and layers of a detector file that `tab fit` wrote.
 * @throws INVALID_DATA for the notes of another program
 */
export function readNotes(
  file: string,
  { backbone, layers }: Readonly<Record<string, JsonValue>>,
): Pick<DetectorNotes, 'layers'> & { readonly backbonePath: string } {
  const { path } = (backbone ?? {}) as Partial<DetectorNotes['backbone']>
  if (typeof path === 'string' && Array.isArray(layers) && layers.every((layer) => typeof layer === 'string')) {
    return { backbonePath: path, layers: layers as readonly string[] }
  }
  throw new TabError('INVALID_DATA', {
    where: '--model',
    expected: `notes of backbone and layers in ${file}, as tab fit writes them`,
    actual: 'others',
  })
}
