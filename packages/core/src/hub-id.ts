/** A model on the hub, and its revision. */
export interface HubId {
  /** `owner/name`. */
  readonly repo: string
  /** Branch, tag or commit. */
  readonly revision: string
}

/**
 * Tells hub ids from paths. Whatever exists on disk is a path; otherwise `owner/name` and `owner/name@revision` are hub ids, and `./name`,
 * `name`, `a/b/c` and the names of weight files are paths, whether they exist or not.
 * @param exists whether a file or folder with this path exists; `() => false` where there is no disk
 * @returns undefined for a path
 * @example
 * ```ts
 * import { existsSync } from 'node:fs'
 * import { parseHubId } from '@tab/core'
 * console.log(parseHubId('timm/resnet18.a1_in1k', existsSync)) // { repo: 'timm/resnet18.a1_in1k', revision: 'main' }
 * console.log(parseHubId('./resnet18.safetensors', existsSync)) // undefined
 * ```
 */
export function parseHubId(text: string, exists: (path: string) => boolean): HubId | undefined {
  const [, repo, revision = 'main'] = /^([\w-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text) ?? []
  const isStep = (part: string): boolean => part === '.' || part === '..'
  if (
    repo === undefined ||
    revision.split('/').some(isStep) ||
    /\/\.{1,2}$|\.(safetensors|onnx|pth?|bin)$/i.test(repo) ||
    exists(text)
  )
    return undefined
  return { repo, revision }
}
