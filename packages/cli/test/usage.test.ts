import { describe, expect, test } from '@jest/globals'
import { runTab } from './run-tab.ts'

const needed = ['evaluate', '--data', 'd', '--backbone', 'b.onnx']
const fit = ['fit', '--data', 'd', '--backbone', 'b.onnx', '--output', 'o']

describe('tab, used wrongly', () => {
  test.each([
    [['evaluat'], 'Did you mean evaluate'],
    [[...needed, '--coreset-ration', '1'], 'Did you mean --coreset-ratio'],
    [['evaluate'], "required option '--data <dir>'"],
    [[...needed, '--coreset-ratio', '0'], 'above 0 and up to 1, got "0"'],
    [[...needed, '--image-size', '224x'], 'SIDE or HEIGHTxWIDTH from 32 to 16384, got "224x"'],
    [[...needed, '--batch-size', '1.5'], 'whole number from 1, got "1.5"'],
    [[...needed, '--seed', '-1'], 'whole number from 0, got "-1"'],
    [[...needed, '--layers', 'a,,b'], 'names with commas between, got "a,,b"'],
    [[...needed, '--detector', 'other'], 'Allowed choices are patchcore'],
    [[...needed, '--detector', 'padim', '--neighbors', '2'], '--neighbors is not an option of padim'],
    [[...needed, '--coreset-ratio', '1', '--coreset-size', '9'], "cannot be used with option '--coreset-size"],
    [[...fit, '--dimensions', '9'], '--dimensions is not an option of patchcore'],
    [[...fit, '--sigma', '-1'], 'a number from 0 to 100, got "-1"'],
    [[...fit, '--folds', '3', '--no-calibrate'], '--folds makes a threshold, which --no-calibrate turns off'],
    [[...fit, '--drop-suspects', '--no-suspects'], '--drop-suspects needs the check that --no-suspects turns off'],
    [[...fit, '--tile-overlap', '8'], '--tile-overlap needs --tiles or --tile-grid'],
    [[...fit, '--tiles', '512', '--tile-grid', '2x2'], "cannot be used with option '--tile-grid"],
    [[...needed, '--tile-grid', '2x'], 'ROWSxCOLUMNS from 1 to 256, got "2x"'],
    [[...fit, '--smallest-defect', 'ten'], 'a number of pixels above 0, got "ten"'],
    [[...fit, '--calibrate', '1'], 'a rate above 0 and below 1, got "1"'],
    [['predict', '--model', 'm'], "missing required argument 'inputs'"],
    [['predict', '--model', 'm', '--json', '--csv', 'i'], "option '--json' cannot be used with option '--csv'"],
    [['predict', '--model', 'm', '--threshold', 'x', 'i'], 'expected a number, got "x"'],
  ])('%j says %s', async (args, message) => {
    const { status, stdout, stderr } = await runTab(args)
    expect([status, stdout]).toEqual([64, ''])
    expect(stderr).toContain(message)
  })

  test('--help shows the commands, and a command its example', async () => {
    const top = await runTab(['--help'])
    expect([top.status, top.stdout]).toEqual([0, expect.stringMatching(/demo[\s\S]*evaluate/)])
    const { status, stdout } = await runTab(['evaluate', '--help'])
    expect([status, stdout]).toEqual([0, expect.stringContaining('Example:\n  tab evaluate --data')])
  })

  test('--version prints the version alone', async () => {
    expect(await runTab(['--version'])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    })
  })
})
