import { TabError, throwIfAborted, type LongTaskOptions } from '@tab/core'
import { requireBundled } from './bundled/find-bundled.ts'
import { openBundled, type BundledBackbone } from './bundled/open-bundled.ts'

export interface BundledBackboneOptions extends Pick<LongTaskOptions, 'signal'> {
  /**
   * Where the page has the file `@tab/weights/weights/tab-resnet18.safetensors`. Default: beside the module, which Vite and browsers follow
   * by themselves.
   */
  readonly url?: string | URL | undefined
}

const WHERE = 'bundledBackbone'

/**
 * Fetches a backbone that lies in this package. In Node, use that of `@tab/weights/node`.
 * @param name `tab-resnet18` for the newest version, `tab-resnet18@1` for that one
 * @throws NOT_FOUND for a name or version that is not here, or an address without a file; INVALID_DATA for another file; UNSUPPORTED for a
 *   file on the disk; ABORTED
 * @example
 * ```ts no-run: needs a browser
 * import { bundledBackbone } from '@tab/weights'
 *
 * const { id, bytes } = await bundledBackbone('tab-resnet18')
 * console.log(id, bytes.length)
 * ```
 */
export async function bundledBackbone(
  name: string,
  { url, signal }: BundledBackboneOptions = {},
): Promise<BundledBackbone> {
  throwIfAborted(WHERE, signal)
  const file = requireBundled(WHERE, name)
  const address = url ?? file.url()
  if (String(address).startsWith('file:')) {
    const message = `${String(address)} is on this disk: in Node, import bundledBackbone from @tab/weights/node`
    throw new TabError('UNSUPPORTED', { where: WHERE, message })
  }
  const bytes = await fetched(address, signal).catch((cause: unknown) => {
    throwIfAborted(WHERE, signal)
    const actual = cause instanceof Error ? cause.message : String(cause)
    throw new TabError('NOT_FOUND', { where: WHERE, expected: `${file.id} at ${String(address)}`, actual, cause })
  })
  return openBundled(`${WHERE} ${String(address)}`, file, bytes)
}

async function fetched(address: string | URL, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const response = await fetch(address, { signal: signal ?? null })
  if (!response.ok) throw new Error(`status ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
