import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** A model of the hub and the revision asked for. */
export interface HubId {
  /** `owner/name`. */
  readonly repo: string
  /** Branch, tag or commit. */
  readonly revision: string
}

/**
 * `owner/name` or `owner/name@revision`, where no file is called so; undefined for anything else.
 * @param folder what a relative path would be relative to
 */
export function parseHubId(text: string, folder = '.'): HubId | undefined {
  const [, repo, revision = 'main'] = /^([\w-]+\/[\w.-]+)(?:@([\w./-]+))?$/.exec(text) ?? []
  if (repo === undefined || /\.(safetensors|onnx|pth?|bin)$/.test(repo) || existsSync(resolve(folder, text))) return
  return { repo, revision }
}
