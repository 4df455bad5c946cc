import type * as crypto from 'node:crypto'
import type * as fs from 'node:fs'
import type * as os from 'node:os'
import type * as path from 'node:path'

/** Node's modules, loaded at run time so that browser bundles do not refer to them; undefined in a browser. */
export interface NodeModules {
  readonly fs: typeof fs
  readonly os: typeof os
  readonly path: typeof path
  readonly crypto: typeof crypto
  readonly env: Readonly<Record<string, string | undefined>>
}

export function nodeModules(): NodeModules | undefined {
  const node = (globalThis as { readonly process?: NodeJS.Process }).process
  if (typeof node?.getBuiltinModule !== 'function') return undefined
  return {
    fs: node.getBuiltinModule('node:fs'),
    os: node.getBuiltinModule('node:os'),
    path: node.getBuiltinModule('node:path'),
    crypto: node.getBuiltinModule('node:crypto'),
    env: node.env,
  }
}
