import { existsSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { TabError } from '@tab/core'

/** Weights and what they are called beside others. */
export interface NamedWeights {
  readonly name: string
  /** Path or hub id. */
  readonly weights: string
}

/** What a flag says as `NAME=WEIGHTS`, or `WEIGHTS` alone, which are called by their file; a file with `=` in its name is a file. */
export function namedWeights(text: string): NamedWeights {
  const [, name, path] = (existsSync(text) ? undefined : /^([^=/\\]+)=(.+)$/.exec(text)) ?? []
  const weights = path ?? text
  return { name: name ?? basename(weights, extname(weights)), weights }
}

/** Weights of different names. */
export function distinct(backbones: readonly NamedWeights[]): readonly NamedWeights[] {
  const twice = backbones.find(({ name }, index) => backbones.findIndex((other) => other.name === name) < index)
  if (!twice) return backbones
  throw new TabError('INVALID_ARGUMENT', {
    where: '--backbone',
    expected: 'a name for each, as NAME=PATH',
    actual: `${twice.name} twice`,
  })
}
