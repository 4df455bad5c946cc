import { readFile } from 'node:fs/promises'
import { parseJson, TabError } from '@tab/core'
import { checkForeign, type ForeignDescription } from '../foreign-model.ts'

/** The file that describes an ONNX file of another maker. */
export function besideModel(path: string): string {
  return path.replace(/\.onnx$/, '.json')
}

/**
 * The description beside an ONNX file of another maker: `any.json` for `any.onnx`, with `layers`, `mean` and `std`.
 * @returns undefined where there is none
 * @throws INVALID_DATA naming the file and the field
 */
export async function readForeign(path: string): Promise<Partial<ForeignDescription> | undefined> {
  const file = besideModel(path)
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new TabError('NOT_FOUND', { where: file, message: `cannot be read: ${error.message}`, cause: error })
  })
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where: file, message: `not JSON: ${(cause as Error).message}`, cause })
  }
  return checkForeign(file, value)
}
