import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { isBundledName } from '../bundled/find-bundled.ts'
import { parseHubId } from './hub-id.ts'

/**
 * Whether a text names weights rather than a path: a hub id, or a backbone of this package. What exists on the disk is a path.
 * @param folder what a relative path would be relative to
 * @throws NOT_FOUND for another version of weights that are in this package
 * @example
 * ```ts
 * import { isModelName } from '@tab/weights/node'
 * console.log(isModelName('tab-resnet18'), isModelName('timm/resnet18.a1_in1k'), isModelName('./weights.safetensors')) // true true false
 * ```
 */
export function isModelName(text: string, folder = '.'): boolean {
  if (parseHubId(text, folder)) return true
  return !existsSync(resolve(folder, text)) && isBundledName(text)
}
