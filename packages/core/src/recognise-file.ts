const MAGIC: readonly (readonly [bytes: string, what: string])[] = [
  [
    'version https://git-lfs',
    'a Git LFS pointer, not the file itself: fetch it with "git lfs pull", or download it from its web page',
  ],
  ['PK\u0003\u0004', 'a zip archive, as PyTorch writes .pth and .bin files: convert it to safetensors'],
  ['\u0080\u0002', 'a Python pickle, as PyTorch wrote .pth files: convert it to safetensors'],
  ['\u0080\u0003', 'a Python pickle: convert it to safetensors'],
  ['\u0080\u0004', 'a Python pickle: convert it to safetensors'],
  ['\u0080\u0005', 'a Python pickle: convert it to safetensors'],
  ['\u001f\u008b', 'a gzip archive: unpack it'],
  ['\u0089HDF', 'an HDF5 file, as Keras writes .h5'],
  ['\u0093NUMPY', 'a NumPy array'],
  ['GGUF', 'a GGUF file'],
  ['\u0089PNG', 'a PNG image'],
  ['\u00ff\u00d8\u00ff', 'a JPEG image'],
  ['%PDF', 'a PDF document'],
]

/**
 * Names the content of a file that is not what was expected, by its first bytes: a Git LFS pointer, a web page, a pickle, ...
 * @returns words to put after "it is"; undefined if nothing is recognised
 * @example
 * ```ts
 * import { recogniseFile } from '@tab/core'
 * console.log(recogniseFile(new TextEncoder().encode('<!DOCTYPE html><title>Sign in</title>'))) // a web page, not the file itself: the download returned a login, error or description page
 * ```
 */
export function recogniseFile(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'empty'
  const start = Array.from(bytes.subarray(0, 64), (byte) => String.fromCharCode(byte)).join('')
  const known = MAGIC.find(([magic]) => start.startsWith(magic))
  if (known) return known[1]
  if (bytes.length >= 64 && bytes.subarray(0, 4096).every((byte) => byte === 0))
    return 'all zeros, as an interrupted download or copy leaves it'
  const text = start.replace(/^\u00ef\u00bb\u00bf/, '').trimStart()
  if (/^<(?:!doctype|html|head|\?xml|!--)/i.test(text)) {
    return 'a web page, not the file itself: the download returned a login, error or description page'
  }
  if (/^[\t\n\r\u0020-\u007e]{8}/.test(text)) return `a text that begins with ${JSON.stringify(text.slice(0, 24))}`
  return undefined
}
