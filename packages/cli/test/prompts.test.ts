import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadPrototypes } from '@tab/prompts'
import { runTab } from './run-tab.ts'

describe('tab prompts', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tab-cli-prompts-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('prints the ensemble of a known class, as lines and as JSON', async () => {
    const { status, stdout } = await runTab([
      'prompts',
      '--class',
      'metal_nut',
      '--preset',
      'winclip',
      '--defects',
      'bent',
    ])
    expect(status).toBe(0)
    expect(stdout).toMatch(/^normal, 154 prompts\n {2}a photo of a metal nut\.\n/)
    expect(stdout).toContain('abnormal, 110 prompts\n')
    expect(stdout).toContain('  a photo of a bent metal nut.\n')
    const json = await runTab(['prompts', '--class', 'metal_nut', '--preset', 'winclip', '--json'])
    expect(JSON.parse(json.stdout).abnormal).toHaveLength(88)
  })

  test('encode writes prototypes, from the cache the second time, and keeps an earlier file', async () => {
    const output = join(folder, 'screw.safetensors')
    const cache = join(folder, 'cache')
    const args = ['prompts', 'encode', '--class', 'screw', '--model', 'lexical', '--cache', cache, '--output', output]
    const first = await runTab(args)
    expect(first.status).toBe(0)
    expect(first.stdout).toMatch(
      /^lexical-without-semantics-64-[0-9a-f]{16}: \d+ normal and \d+ abnormal prompts, cosine .* 0\.\d{4}\n/,
    )
    const bytes = await readFile(output)
    const { normal, embedder } = loadPrototypes(new Uint8Array(bytes))
    expect(normal.vector.shape).toEqual([64])
    expect(embedder).toMatch(/^lexical-without-semantics-64-/)
    const again = await runTab(args)
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('use --overwrite') })
    const replaced = await runTab([...args, '--overwrite', '--json'])
    expect([replaced.status, JSON.parse(replaced.stdout)]).toEqual([
      0,
      {
        model: embedder,
        normalPrompts: normal.count,
        abnormalPrompts: expect.any(Number),
        cosine: expect.any(Number),
        file: output,
      },
    ])
    expect((await readFile(output)).equals(bytes)).toBe(true)
    expect(await readdir(cache)).toHaveLength(1)
  })

  test('a missing class and a model that is not there', async () => {
    expect((await runTab(['prompts'])).stderr).toContain("required option '--class <name>' not specified")
    const args = ['prompts', 'encode', '--class', 'x', '--model', join(folder, 'none'), '--output', join(folder, 'y')]
    const { status, stderr } = await runTab(args)
    expect(status).toBe(1)
    expect(stderr).toContain(
      `tab: --model: cannot load a CLIP text model from ${join(folder, 'none')}: there is no such folder`,
    )
    const offline = await runTab([...args.slice(0, 5), 'owner/clip', '--offline', '--output', join(folder, 'y')])
    expect(offline).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not on this disk.*searched in .*owner\/clip/),
    })
  })
})
