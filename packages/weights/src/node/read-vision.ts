import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { parseJson, TabError } from '@tab/core'
import type { ForeignDescription } from '../foreign-model.ts'
import { describeVision } from '../vision-config.ts'

/** Where the vision model of a folder in the hub's layout lies, in the order of preference. */
export const VISION_FILES: readonly string[] = [
  'onnx/model.onnx',
  'onnx/vision_model.onnx',
  'model.onnx',
  'vision_model.onnx',
]
/** What lies in such a folder besides and says how to run it. */
export const VISION_CONFIGS: readonly string[] = ['config.json', 'preprocessor_config.json']

/** The ONNX file of a vision model in a folder with a `config.json`; undefined where there is none. */
export async function visionFile(folder: string): Promise<string | undefined> {
  if (!(await isFile(join(folder, 'config.json')))) return undefined
  for (const name of VISION_FILES) {
    const path = join(folder, name)
    if (await isFile(path)) return path
  }
  return undefined
}

/**
 * What the hub's configuration says of an ONNX file: `config.json` and `preprocessor_config.json` in its folder, or above its folder `onnx`.
 * @returns undefined where there is no `config.json`
 * @throws INVALID_DATA, UNSUPPORTED naming the file and the field
 */
export async function readVision(path: string): Promise<Partial<ForeignDescription> | undefined> {
  const own = dirname(path)
  const folder = basename(own) === 'onnx' ? dirname(own) : own
  const config = await readJson(join(folder, 'config.json'))
  if (config === undefined) return undefined
  return describeVision(folder, config, await readJson(join(folder, 'preprocessor_config.json')))
}

async function readJson(path: string): Promise<unknown> {
  if (!(await isFile(path))) return undefined
  const text = await readFile(path, 'utf8')
  try {
    return parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where: path, message: `not JSON: ${(cause as Error).message}`, cause })
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
