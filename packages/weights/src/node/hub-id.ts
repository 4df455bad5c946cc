import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseHubId as parse, type HubId } from '@tab/core'

export type { HubId } from '@tab/core'

/**
 * The rule of core for what names a model, on this disk: what exists is a path.
 * @param folder what a relative path would be relative to
 * @example
 * ```ts
 * import { parseHubId } from '@tab/weights/node'
 *
 * console.log(parseHubId('timm/resnet18.a1_in1k')) // { repo: 'timm/resnet18.a1_in1k', revision: 'main' }
 * console.log(parseHubId('washers/train')) // undefined
 * ```
 */
export function parseHubId(text: string, folder = '.'): HubId | undefined {
  return parse(text, (path) => existsSync(resolve(folder, path)))
}
