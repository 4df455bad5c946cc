import { TabError } from '@tab/core'
import { BUNDLED_FILES } from '../bundled-files.generated.ts'

/** Weights that lie in this package. */
export interface BundledFile {
  /** Name and version: `tab-resnet18@1`. Other weights have another id. */
  readonly id: string
  readonly byteLength: number
  readonly sha256: string
  /** Where the file is, next to this module. */
  readonly url: () => URL
  /** Heads and prototypes for text-guided scoring, in `NAME.alignment.safetensors` beside it. */
  readonly alignment?: { readonly byteLength: number; readonly sha256: string }
}

const NAME = /^([a-z][\w-]*)(?:@([1-9]\d*))?$/

/**
 * The weights that a name stands for: `tab-resnet18@1` for that version, `tab-resnet18` for the newest.
 * @returns undefined for what is no such name
 * @throws NOT_FOUND for another version of weights that are here
 */
export function findBundled(name: string, files: readonly BundledFile[] = BUNDLED_FILES): BundledFile | undefined {
  const [, base, version] = NAME.exec(name) ?? []
  const versions = files.filter(({ id }) => id.startsWith(`${base}@`))
  const found = version === undefined ? versions.at(-1) : versions.find(({ id }) => id === name)
  if (found || versions.length === 0) return found
  throw new TabError('NOT_FOUND', {
    where: 'weights',
    expected: `${versions.map(({ id }) => id).join(' or ')}, as this version of @tab/weights has them`,
    actual: name,
  })
}

/**
 * Whether a text is the name of weights that lie in this package.
 * @throws NOT_FOUND for another version of weights that are here
 * @example
 * ```ts
 * import { isBundledName } from '@tab/weights'
 * console.log(isBundledName('tab-resnet18'), isBundledName('resnet18.safetensors')) // true false
 * ```
 */
export function isBundledName(name: string): boolean {
  return findBundled(name) !== undefined
}

/** @throws NOT_FOUND for a name that no weights of this package have */
export function requireBundled(
  where: string,
  name: string,
  files: readonly BundledFile[] = BUNDLED_FILES,
): BundledFile {
  const found = findBundled(name, files)
  if (found) return found
  const expected = files.length > 0 ? `one of ${files.map(({ id }) => id).join(', ')}` : 'weights in this package'
  throw new TabError('NOT_FOUND', { where, expected, actual: name })
}
