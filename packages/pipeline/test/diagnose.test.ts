import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { TabError } from '@tab/core'
import { supportedNode, writableFolder } from '../src/node/diagnose/environment-probes.ts'
import { withoutOrt } from '../src/node/diagnose/probes.ts'

test.each(['18.20.0', '20.18.3'])('Node %s is too old', (version) => {
  expect(() => supportedNode(version)).toThrow(`this is ${version}`)
})

test.each(['20.19.0', '22.0.0'])('Node %s is new enough', (version) => {
  expect(supportedNode(version)).toBe(version)
})

test('a cache that is not there yet can be made, below a file it cannot; looking makes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tab-doctor-'))
  try {
    await writeFile(join(folder, 'file'), '')
    const wanted = join(folder, 'a', 'b')
    expect(await writableFolder(wanted)).toBe(wanted)
    await expect(writableFolder(join(folder, 'file', 'b'))).rejects.toThrow(/ENOTDIR|is no folder/)
    await expect(writableFolder('/proc/cache')).rejects.toThrow(/EACCES|ENOENT|EROFS|EPERM/)
    expect(await readdir(folder)).toEqual(['file'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a missing binary of ONNX Runtime is told from a missing package', () => {
  const of = (message: string) =>
    withoutOrt(new TabError('MISSING_DEPENDENCY', { where: 'loadOrt', message: 'no', cause: new Error(message) }))
  expect(of("Cannot find module '../bin/napi-v6/linux/x64/onnxruntime_binding.node'\nRequire stack:")).toMatch(
    /^installed without a binary that runs here: .*onnxruntime_binding\.node'$/,
  )
  expect(of("Cannot find package 'onnxruntime-node' imported from /x/y.js")).toContain(
    "Cannot find package 'onnxruntime",
  )
})
