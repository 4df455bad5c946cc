import { describe, expect, test } from '@jest/globals'
import { runTab, type Outcome } from './run-tab.ts'
import { argsOf } from './table/commands.ts'

/** Runs a command of the table with other values; a flag that it has not yet is added. Usage is refused before any file is looked for. */
function attempt(name: string, change: Readonly<Record<string, string>> = {}, ...more: string[]): Promise<Outcome> {
  const args = argsOf({ root: 'nowhere', out: 'nowhere' }, name, change)
  const extra = Object.entries(change).flatMap(([flag, value]) => (args.includes(flag) ? [] : [flag, value]))
  return runTab([...args, ...extra, ...more])
}

describe('a value of the wrong type', () => {
  test.each<[string, string, string, RegExp]>([
    ['evaluate', '--image-size', 'large', /SIDE or HEIGHTxWIDTH from 32 to 16384, got "large"/],
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
    const { status, stdout, stderr } = await attempt(name, { [flag]: value })
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(message)
    expect(stderr).toContain('(see --help)')
  })
})

describe('an unknown flag', () => {
  test.each<[string, string, string]>([
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
    const { status, stdout, stderr } = await attempt(name, {}, flag)
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toMatch(new RegExp(`unknown option '${flag}'\\s+\\(Did you mean .*${near}\\b`))
  })
})
