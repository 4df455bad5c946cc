/** A model of the hub and the revision asked for. */
export interface HubId {
  /** `owner/name`. */
  readonly repo: string
  /** Branch, tag or commit. */
  readonly revision: string
}

/**
 * The one rule for what names a model: whatever exists on this disk is a path, and of the rest only `owner/name` and `owner/name@revision`
 * are ids of the hub. `./name`, `name`, `a/b/c` and the names of weight files are paths whether they exist or not.
 * @param exists whether there is a file or folder of this path; where no disk can be looked at, `() => false`
 * @returns undefined for a path
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
