import { cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { tensor } from '@tab/core'
import { writeImage } from '@tab/data/node'
import { loadAlignment, loadBackbone, weightsDigest } from '@tab/model'
import { miniature, type Miniature } from '../../pipeline/test/miniature.ts'
import { runTab } from './run-tab.ts'

let mini: Miniature
beforeAll(async () => {
  mini = await miniature()
})
afterAll(() => rm(mini.folder, { recursive: true }))

const small = [
  '--workers',
  '0',
  '--image-size',
  '32',
  '--batch',
  '2',
  '--engine',
  'wasm',
  '--threads',
  '1',
  '--steps',
  '4',
  // As deep as the weights that it starts from: a fourth stage has three quarters of all parameters.
  '--set',
  'imageLayer=layer3',
]

describe('tab pretrain', () => {
  test('fills the folder, which tab evaluate takes; stopped and resumed, it gives the same weights', async () => {
    const output = join(mini.folder, 'trained')
    const args = ['pretrain', '--data', mini.data, '--init', mini.backbone, '--output', output, ...small]
    const { status, stdout, stderr } = await runTab(args)
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('text: lexical') })
    expect(stdout).toMatch(
      /^validation AUROC, normal against synthetic: [01]\.\d{4} before, [01]\.\d{4} after 4 steps, on 1 held-out good image and 1 synthetic anomaly\n/,
    )
    expect((await readdir(output)).sort()).toEqual([
      'alignment.safetensors',
      'backbone.onnx',
      'backbone.safetensors',
      'checkpoint',
      'curves.html',
      'history.jsonl',
      'model-card.json',
    ])
    const { backbone } = loadBackbone(await readFile(join(output, 'backbone.safetensors')))
    const card = JSON.parse(await readFile(join(output, 'model-card.json'), 'utf8'))
    expect(card).toMatchObject({
      weights: weightsDigest(backbone),
      steps: 4,
      seed: 0,
      engine: { name: 'wasm', threads: 1 },
    })
    expect(loadAlignment(await readFile(join(output, 'alignment.safetensors'))).backbone).toBe(card.weights)
    const history = (await readFile(join(output, 'history.jsonl'), 'utf8')).trim().split('\n')
    expect(history.map((line) => JSON.parse(line).step)).toEqual([1, 2, 3, 4])
    expect(stderr).toMatch(/pretrain 4\/4 {2}loss \d+\.\d+, rate .*images\/s, validation [01]\.\d+/)
    const curves = await readFile(join(output, 'curves.html'), 'utf8')
    for (const title of ['Total loss', 'Term: separation', 'Learning rate', 'Validation AUROC', 'Gradient norm']) {
      expect(curves).toContain(`>${title}<`)
    }
    expect(curves).not.toMatch(/(src|href)="http|NaN/)

    const again = join(mini.folder, 'again')
    const stop = new AbortController()
    const resumed = args.map((arg) => (arg === output ? again : arg))
    const watch = setInterval(async () => {
      const states = await readdir(join(again, 'checkpoint')).catch((): string[] => [])
      if (states.includes('state.safetensors')) stop.abort()
    }, 5)
    await runTab(resumed, stop.signal)
    clearInterval(watch)
    expect((await runTab([...resumed, '--resume'])).status).toBe(0)
    expect(JSON.parse(await readFile(join(again, 'model-card.json'), 'utf8'))).toMatchObject({
      weights: card.weights,
      steps: 4,
    })

    const evaluated = await runTab([
      'evaluate',
      '--data',
      mini.data,
      '--backbone',
      output,
      '--image-size',
      '64',
      '--output',
      join(mini.folder, 'evaluated'),
      '--json',
    ])
    expect(JSON.parse(evaluated.stdout).run.backbone).toBe('trained')
  }, 180_000)

  test('--engine onnx trains as wasm does, says so on the card, and does not resume what wasm began', async () => {
    const records: Record<string, { loss: number; gradientNorm: number }[]> = {}
    for (const engine of ['wasm', 'onnx']) {
      const output = join(mini.folder, `by-${engine}`)
      const args = [
        ...small.map((arg) => (arg === 'wasm' ? engine : arg)),
        '--init',
        mini.backbone,
        '--validation',
        '0',
      ]
      const { status, stderr } = await runTab(['pretrain', '--data', mini.data, '--output', output, ...args])
      expect({ status, stderr }).toMatchObject({ status: 0 })
      const card = JSON.parse(await readFile(join(output, 'model-card.json'), 'utf8'))
      expect(card.engine).toMatchObject({ name: engine === 'onnx' ? 'onnx+wasm' : 'wasm', threads: 1 })
      const lines = (await readFile(join(output, 'history.jsonl'), 'utf8')).trim().split('\n')
      records[engine] = lines.map((line) => JSON.parse(line))
    }
    const { wasm = [], onnx = [] } = records
    expect(onnx).toHaveLength(4)
    onnx.forEach(({ loss, gradientNorm }, step) => {
      const wanted = wasm[step] as (typeof wasm)[number]
      expect(Math.abs(loss / wanted.loss - 1)).toBeLessThan(1e-3)
      expect(Math.abs(gradientNorm / wanted.gradientNorm - 1)).toBeLessThan(1e-2)
    })
    const output = join(mini.folder, 'by-wasm')
    const other = ['--engine', 'onnx', '--init', mini.backbone, '--validation', '0', '--resume']
    const { status, stderr } = await runTab(['pretrain', '--data', mini.data, '--output', output, ...small, ...other])
    expect({ status, stderr }).toMatchObject({ status: 1, stderr: expect.stringContaining('engine.name "onnx+wasm"') })
  }, 60_000)

  test('the folder scores by text: evaluate and fit take its alignment, predict needs the file of fit alone', async () => {
    const trained = join(mini.folder, 'trained')
    const textGuided = ['--data', mini.data, '--detector', 'text-guided', '--image-size', '64']
    const output = join(mini.folder, 'by-text')
    const evaluated = await runTab([
      'evaluate',
      ...[...textGuided, '--backbone', trained, '--patch-weight', '1', '--output', output, '--json'],
    ])
    const { overall, run } = JSON.parse(evaluated.stdout)
    expect(run).toMatchObject({ detector: 'text-guided', options: { patchWeight: 1 } })
    expect(overall.imageAuroc).toBeGreaterThanOrEqual(0)

    const file = join(mini.folder, 'by-text.safetensors')
    const fitted = await runTab(['fit', ...textGuided, '--backbone', trained, '--class', 'washers', '--output', file])
    expect([fitted.status, fitted.stdout]).toEqual([0, expect.stringContaining('text-guided on trained')])
    await rename(join(trained, 'alignment.safetensors'), join(mini.folder, 'put-aside'))
    const predict = ['predict', '--model', file, '--threshold', '1', '--json', join(mini.data, 'test/good')]
    const { status, stdout } = await runTab(predict)
    const scores = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).score)
    expect([status, scores.length]).toEqual([0, 3])
    for (const score of scores) expect(score > 0 && score < 1).toBe(true)

    const refused = async (change: readonly string[], message: string) => {
      const { status, stderr } = await runTab(['fit', ...textGuided, '--output', `${file}.no`, ...change])
      expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
    }
    await refused(['--backbone', trained], 'a folder of tab pretrain, with its alignment')
    await rename(join(mini.folder, 'put-aside'), join(trained, 'alignment.safetensors'))
    await refused(['--backbone', trained, '--class', 'screw'], 'a class among washers, got screw')
    const usage = await runTab(['fit', ...textGuided, '--backbone', trained, '--output', file, '--layers', 'layer2'])
    expect([usage.status, usage.stderr]).toEqual([
      64,
      expect.stringContaining('--layers is not an option of text-guided'),
    ])
  })

  test('an image that cannot be read, or that takes no anomaly, is named', async () => {
    const data = join(mini.folder, 'with-odd')
    await cp(mini.data, data, { recursive: true })
    const odd = join(data, 'train/good/001.png')
    const args = [
      'pretrain',
      '--data',
      data,
      '--output',
      join(mini.folder, 'odd out'),
      ...small,
      '--anomalies',
      'cut-paste',
    ]
    await writeImage(odd, tensor([64, 64, 3], new Float32Array(64 * 64 * 3)))
    const dark = await runTab(args)
    expect([dark.status, dark.stderr]).toEqual([
      1,
      expect.stringContaining(`tab: pretrain, ${odd}: cutPaste.synthesize: no visible defect in 10 tries`),
    ])
    await writeFile(odd, 'hello')
    const unreadable = await runTab([...args, '--overwrite'])
    expect([unreadable.status, unreadable.stderr]).toEqual([
      1,
      expect.stringContaining(`${odd} is not a readable image`),
    ])
    expect(unreadable.stderr.split(odd)).toHaveLength(2)
  })

  test('says what is wrong', async () => {
    const refused = async (change: readonly string[], message: string) => {
      const { status, stderr } = await runTab(['pretrain', '--output', join(mini.folder, 'none'), ...small, ...change])
      expect(stderr).toContain(message)
      expect(status).not.toBe(0)
    }
    await refused([], "required option '--data <dirs...>' not specified")
    await refused(['--data', mini.data, '--init', 'nowhere'], 'a readable file or "random", got nowhere')
    await refused(['--data', mini.data, '--engine', 'quantum'], 'Allowed choices are')
    await refused(['--data', mini.data, '--preset', 'paper', '--text-model', 'lexical'], 'two classes or more for')
    await refused(
      ['--data', mini.data, '--preset', 'paper'],
      '--text-model: a CLIP text model or a table of embeddings, as paper@1 needs; "lexical" trains without CLIP text',
    )
    await refused(['--data', mini.data, '--resume'], '--resume: a checkpoint at ')
    await refused(
      ['--data', mini.data, '--text-model', 'no.safetensors'],
      '--text-model: a readable table of embeddings',
    )
    await refused(['--data', mini.data, '--preset', 'tab@3'], 'Allowed choices are tab, paper, tab@1, tab@2, paper@1')
    await writeFile(join(mini.folder, 'no-model.safetensors'), 'hello')
    await refused(['--data', mini.data, '--init', join(mini.folder, 'no-model.safetensors')], 'safetensors')
    const other = ['--data', mini.data, '--init', mini.backbone, '--architecture', 'resnet50']
    await refused(other, '--architecture: resnet18, which')
    await refused(
      ['--data', mini.data, '--set', 'losses.sepration=2'],
      'NAME=VALUE with a name of imageSize, imageSizes, steps',
    )
    await refused(['--data', mini.data, '--set', 'ema=much'], '--set: a number, got ema=much')
    await refused(['--data', mini.data, '--set', 'optimizer=adam'], 'optimizer of adamw, sgd, got "adam"')
    const large = [
      '--data',
      mini.data,
      '--preset',
      'paper',
      '--text-model',
      'lexical',
      '--image-size',
      '224',
      '--batch',
      '64',
    ]
    await refused(large, 'GiB, and the wasm engine has 4: use --batch 13 --accumulate 5')
    const existing = ['--data', mini.data, '--output', join(mini.folder, 'trained')]
    await refused(existing, 'exists; use --overwrite or another folder')
  })
})
