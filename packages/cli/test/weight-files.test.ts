import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor, writeSafetensors } from '@tab/core'
import { createBackbone } from '@tab/model'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

const POINTER = 'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 12\n'

function brokenWeights(): Uint8Array {
  const parameters = new Map(createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer3' }).parameters)
  parameters.set('layer2.0.bn1.weight', tensor([128], new Float32Array(128).fill(NaN)))
  return writeSafetensors(parameters)
}

/** Files that hold no weights, what is said of each, and whether a detector file is read in the same way. */
const FILES: readonly (readonly [string, () => string | Uint8Array, string, readonly string[]])[] = [
  ['pointer.safetensors', () => POINTER, 'a Git LFS pointer', ['fit', 'evaluate', 'export', 'pretrain', 'predict']],
  ['page.safetensors', () => '<!doctype html><title>Sign in</title>', 'a web page', ['fit', 'predict']],
  ['nothing.safetensors', () => '', 'empty', ['fit', 'predict']],
  ['renamed.safetensors', () => `PK\u0003\u0004${'x'.repeat(99)}`, 'a zip archive', ['fit', 'predict']],
  [
    'nan.safetensors',
    brokenWeights,
    'layer2.0.bn1.weight must hold finite numbers, holds NaN',
    ['fit', 'evaluate', 'export', 'pretrain'],
  ],
  ['pointer.onnx', () => POINTER, 'a Git LFS pointer', ['fit', 'evaluate']],
]
const CASES = FILES.flatMap(([name, content, what, commands]) =>
  commands.map((command) => [name, command, content, what] as const),
)

describe('a file that holds no weights', () => {
  test.each(CASES)('%s is named, with what it is, by tab %s', async (name, command, content, what) => {
    const file = join(mini.folder, name)
    await writeFile(file, content())
    const output = join(mini.folder, `${command}-of-${name}.safetensors`)
    const data = ['--data', mini.data, '--image-size', '32', '--output', output]
    const flags: Record<string, readonly string[]> = {
      fit: [...data, '--backbone', file],
      evaluate: [...data, '--backbone', mini.backbone, file],
      export: ['--backbone', file, '--output', output],
      predict: ['--model', file, mini.data],
      pretrain: [...data, '--init', file, '--steps', '1'],
    }
    const { status, stderr } = await runTab([command, ...(flags[command] as string[])])
    const last = stderr
      .trimEnd()
      .split(/[\r\n]/)
      .at(-1) as string
    expect([status, last]).toEqual([1, expect.stringContaining(`${file}: `)])
    expect(last).toContain(what)
    expect(last.split(name)).toHaveLength(2) // once
  })
})
