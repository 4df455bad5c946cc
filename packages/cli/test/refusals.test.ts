import * as disk from 'node:fs/promises'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import type { Outcome } from './run-tab.ts'

/** Stands for a disk with no room left; everything else of it works. */
let isFull = false
jest.unstable_mockModule('node:fs/promises', () => ({
  ...disk,
  default: disk,
  async writeFile(...args: Parameters<typeof writeFile>) {
    if (!isFull) return disk.writeFile(...args)
    throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' })
  },
}))

let runTab: (args: readonly string[]) => Promise<Outcome>
let mini: Miniature
beforeAll(async () => {
  ;({ runTab } = await import('./run-tab.ts'))
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

/** What each command needs to run; DATA, BACKBONE and OUT are filled in. */
const COMMANDS = {
  evaluate: [
    '--data',
    'DATA',
    '--backbone',
    'BACKBONE',
    '--output',
    'OUT',
    '--image-size',
    '32',
    '--coreset-ratio',
    '0.02',
  ],
  fit: ['--data', 'DATA', '--backbone', 'BACKBONE', '--output', 'OUT.safetensors', '--image-size', '32'],
  pretrain: ['--data', 'DATA', '--output', 'OUT', '--workers', '0'],
  benchmark: [
    '--detector',
    'patchcore',
    '--data',
    'DATA',
    '--backbone',
    'BACKBONE',
    '--output',
    'OUT',
    '--image-size',
    '32',
  ],
  synth: ['--input', 'DATA', '--output', 'OUT', '--count', '1'],
  'prompts encode': ['--class', 'screw', '--model', 'lexical', '--output', 'OUT.safetensors'],
  export: ['--backbone', 'BACKBONE', '--output', 'OUT.onnx'],
  predict: ['--model', 'OUT.safetensors', 'DATA'],
  'data check': ['DATA'],
  demo: ['--output', 'OUT'],
  doctor: [],
  prompts: ['--class', 'screw'],
} as const satisfies Record<string, readonly string[]>
type Name = keyof typeof COMMANDS

/** Runs a command with some of its arguments replaced; a flag that it has not yet is added. */
function attempt(
  name: Name,
  out: string,
  change: Readonly<Record<string, string>> = {},
  ...more: string[]
): Promise<Outcome> {
  const replaced: readonly string[] = COMMANDS[name]
  const args = replaced.map(
    (arg, index) => change[replaced[index - 1] ?? ''] ?? (arg.startsWith('--') ? arg : (change[arg] ?? arg)),
  )
  const extra = Object.entries(change).flatMap(([flag, value]) => (replaced.includes(flag) ? [] : [flag, value]))
  const filled = [...args, ...extra, ...more].map((arg) =>
    arg
      .replace(/^DATA/, mini.data)
      .replace(/^BACKBONE/, mini.backbone)
      .replace(/^OUT/, join(mini.folder, out)),
  )
  return runTab([...name.split(' '), ...filled])
}

describe('a wrong path', () => {
  test.each<[Name, string, RegExp]>([
    ['evaluate', '--data', /nowhere\/x\.y, which does not exist/],
    ['evaluate', '--backbone', /--backbone: a readable file, got .*nowhere/],
    ['fit', '--data', /a folder, got .*nowhere/],
    ['fit', '--backbone', /--backbone: a readable file, got .*nowhere/],
    ['pretrain', '--data', /nowhere\/x\.y, which does not exist/],
    ['pretrain', '--init', /--init: a readable file or "random", got .*nowhere/],
    ['benchmark', '--data', /nowhere\/x\.y, which does not exist/],
    ['benchmark', '--backbone', /nowhere/],
    ['benchmark', '--config', /--config: a readable file, got .*nowhere/],
    ['synth', '--input', /a folder, got .*nowhere/],
    ['export', '--backbone', /--backbone: a readable file, got .*nowhere/],
    ['predict', '--model', /--model: a readable file, got .*nowhere/],
    ['predict', 'DATA', /nowhere/],
    ['data check', 'DATA', /nowhere\/x\.y, which does not exist/],
  ])('tab %s %s', async (name, flag, message) => {
    const { status, stdout, stderr } = await attempt(name, 'none', { [flag]: join(mini.folder, 'nowhere/x.y') })
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('    at ') // a message, no stack
    expect(await readdir(mini.folder)).not.toContain('none')
  })
})

describe('a value of the wrong type', () => {
  test.each<[Name, string, string, RegExp]>([
    ['evaluate', '--image-size', 'large', /SIDE or HEIGHTxWIDTH from 32 to 4096, got "large"/],
    ['evaluate', '--calibrate', '2', /a rate above 0 and below 1, got "2"/],
    ['evaluate', '--layout', 'mvtc', /Allowed choices are manifest, visa, mvtec-ad-2/],
    ['fit', '--crop', '0', /SIDE or HEIGHTxWIDTH/],
    ['pretrain', '--steps', '1.5', /a whole number from 1, got "1.5"/],
    ['benchmark', '--shots', '5,some', /a whole number from 1, got "some"/],
    ['synth', '--count', '-1', /a whole number from 1, got "-1"/],
    ['prompts encode', '--batch-size', 'x', /a whole number from 1, got "x"/],
    ['prompts', '--preset', 'other', /Allowed choices are winclip/],
    ['export', '--layers', 'layer1,', /names with commas between, got "layer1,"/],
    ['export', '--output', 'OUT.pth', /must end in .onnx or .safetensors, got/],
    ['predict', '--threshold', 'high', /a number, got "high"/],
    ['data check', '--layout', 'x', /Allowed choices are/],
    ['demo', '--seed', 'x', /a whole number from 0, got "x"/],
  ])('tab %s %s %s', async (name, flag, value, message) => {
    const { status, stdout, stderr } = await attempt(name, 'none', { [flag]: value })
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(message)
    expect(stderr).toContain('(see --help)')
  })
})

describe('an unknown flag', () => {
  test.each<[Name, string, string]>([
    ['evaluate', '--backbon', '--backbone'],
    ['fit', '--calibrat', '--calibrate'],
    ['pretrain', '--step', '--steps'],
    ['benchmark', '--shot', '--shots'],
    ['synth', '--kinds', '--kind'],
    ['prompts encode', '--modell', '--model'],
    ['prompts', '--defect', '--defects'],
    ['export', '--layer', '--layers'],
    ['predict', '--heatmap', '--heatmaps'],
    ['data check', '--layot', '--layout'],
    ['demo', '--sed', '--seed'],
    ['doctor', '--jsn', '--json'],
  ])('tab %s %s', async (name, flag, near) => {
    const { status, stdout, stderr } = await attempt(name, 'none', {}, flag)
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(new RegExp(`unknown option '${flag}'\\s+\\(Did you mean .*${near}\\b`))
  })
})

describe('an output that exists', () => {
  test.each<[Name, string]>([
    ['evaluate', '/results.json'],
    ['fit', '.safetensors'],
    ['pretrain', '/backbone.safetensors'],
    ['synth', '/reports.jsonl'],
    ['prompts encode', '.safetensors'],
    ['export', '.onnx'],
  ])('tab %s keeps it without --overwrite', async (name, file) => {
    const out = `earlier-${name}`
    const path = join(mini.folder, `${out}${file}`)
    await mkdir(join(path, '..'), { recursive: true })
    await writeFile(path, 'mine')
    const { status, stdout, stderr } = await attempt(name, out)
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^tab: --output: .* exists; use --overwrite or another (folder|file)\n$/)
    expect(await disk.readFile(path, 'utf8')).toBe('mine')
  })
})

describe('a full disk', () => {
  test.each<[Name]>([['evaluate'], ['fit'], ['synth'], ['prompts encode'], ['export'], ['benchmark']])(
    'tab %s says so and leaves nothing half-written',
    async (name) => {
      isFull = true
      try {
        const { status, stderr } = await attempt(name, `full-${name}`)
        expect(stderr).toMatch(/^tab: ENOSPC: no space left on device, write$/m)
        expect(status).toBe(1)
      } finally {
        isFull = false
      }
      // Kept features are no result; whole ones may stay.
      const left = (await disk.readdir(mini.folder, { recursive: true })).filter(
        (file) => file.includes('full-') && !file.includes('/features/'),
      )
      const files = left.filter((file) => /\.[a-z]+$/.test(file))
      expect(files).toEqual([])
    },
  )
})
