import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { onnxExtractor } from '@tab/backend-onnx'
import { loadOrt } from '@tab/backend-onnx/node'
import { tensor } from '@tab/core'
import { loadBackbone, weightsDigest } from '@tab/model'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

describe('tab export', () => {
  test('nhwc takes images and nchw normalised ones; both give the same features', async () => {
    const [nhwc, nchw] = [join(mini.folder, 'nhwc.onnx'), join(mini.folder, 'nchw.onnx')]
    const told = await runTab(['export', '--backbone', mini.backbone, '--output', nhwc, '--layers', 'layer1', '--json'])
    expect(JSON.parse(told.stdout)).toMatchObject({ architecture: 'resnet18', layers: ['layer1'], layout: 'nhwc' })
    const args = ['export', '--backbone', mini.backbone, '--output', nchw, '--layers', 'layer1', '--layout', 'nchw']
    expect((await runTab(args)).status).toBe(0)

    const pixels = Float32Array.from({ length: 32 * 32 * 3 }, (_, i) => ((i * 37) % 101) / 100)
    const extractor = await onnxExtractor({ ort: await loadOrt(), model: await readFile(nhwc) })
    const layer1 = (await extractor.extract(tensor([1, 32, 32, 3], pixels), ['layer1'])).get('layer1')
    extractor.dispose()
    const [mean, deviation] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const
    const planes = Float32Array.from({ length: pixels.length }, (_, i) => {
      const channel = Math.floor(i / 1024) as 0 | 1 | 2
      return ((pixels[(i % 1024) * 3 + channel] as number) - mean[channel]) / deviation[channel]
    })
    const session = await InferenceSession.create(await readFile(nchw))
    const result = await session.run({ images: new Tensor('float32', planes, [1, 3, 32, 32]) })
    const other = result['layer1'] as Tensor
    expect(other.dims).toEqual([1, 64, 8, 8])
    let largest = 0
    for (let place = 0; place < 64; place++) {
      for (let channel = 0; channel < 64; channel++) {
        const a = layer1?.data[place * 64 + channel] as number
        largest = Math.max(largest, Math.abs(a - (other.data[channel * 64 + place] as number)))
      }
    }
    expect(largest).toBeLessThan(1e-4)
  })

  test('safetensors keep every weight', async () => {
    const output = join(mini.folder, 'copy.safetensors')
    expect((await runTab(['export', '--backbone', mini.backbone, '--output', output])).status).toBe(0)
    const digest = async (path: string) => weightsDigest(loadBackbone(await readFile(path)).backbone)
    expect(await digest(output)).toBe(await digest(mini.backbone))
    const flags = ['export', '--backbone', mini.backbone, '--output', output, '--overwrite', '--layout', 'nchw']
    expect(await runTab(flags)).toMatchObject({ status: 64, stderr: expect.stringContaining('are for .onnx files') })
  })
})

describe('tab doctor', () => {
  test('says what works, how fast, and what to install for the rest', async () => {
    const { status, stdout } = await runTab(['doctor', '--json'])
    const { findings, node } = JSON.parse(stdout) as { findings: Record<string, unknown>[]; node: string }
    expect([status, node]).toEqual([0, process.versions.node])
    const found = Object.fromEntries(findings.map((finding) => [finding['name'], finding]))
    expect(found['tfjs wasm']).toMatchObject({ version: '4.22.0', speed: expect.stringMatching(/^[\d.e+]+ GFLOP\/s/) })
    expect(found['onnxruntime']).toMatchObject({ detail: expect.stringContaining('cpu'), speed: expect.any(String) })
    expect(found['sharp']).toMatchObject({ version: expect.stringMatching(/^0\.\d+/) })
    for (const { version, reason, remedy } of findings) {
      if (version === undefined)
        expect([reason, remedy]).toEqual([expect.any(String), expect.stringContaining('npm install')])
    }
  }, 60_000)
})
