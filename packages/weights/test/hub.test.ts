import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { spawn, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createBackbone, saveBackbone } from '@tab/model'
import { loadExtractor, parseHubId, resolveWeights, type Hub } from '@tab/weights/node'
import { COMMIT, CONTENT, fakeHub, sha256, type FakeHub } from './fake-hub.ts'

let remote: FakeHub
let folder: string
let hub: Hub
beforeAll(async () => {
  remote = await fakeHub()
})
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-hub-'))
  hub = { url: remote.url, cache: join(folder, 'cache'), offline: false, token: undefined }
  Object.assign(remote, {
    content: CONTENT,
    oid: sha256(CONTENT),
    files: ['README.md', 'model.safetensors'],
    halfway: undefined,
  })
  remote.asked.length = 0
})
afterEach(() => rm(folder, { recursive: true }))
afterAll(() => {
  remote.server.closeAllConnections()
  remote.server.close()
})

const blobs = (): Promise<string[]> => readdir(join(hub.cache, 'models--timm--net', 'blobs'))
const downloads = (): string[] =>
  remote.asked.filter((url) => url.includes('/resolve/') && !url.startsWith('bytes=0-0'))

describe('weights of the hub', () => {
  test('of a vision transformer are its ONNX export with what says how to run it', async () => {
    remote.files = ['config.json', 'onnx/model.onnx', 'onnx/model_fp16.onnx', 'preprocessor_config.json', 'README.md']
    const { path } = await resolveWeights('timm/net', {}, hub)
    const snapshot = join(hub.cache, 'models--timm--net', 'snapshots', COMMIT)
    expect(path).toBe(join(snapshot, 'onnx', 'model.onnx'))
    expect((await readdir(snapshot)).sort()).toEqual(['config.json', 'onnx', 'preprocessor_config.json'])
    expect(await readdir(join(snapshot, 'onnx'))).toEqual(['model.onnx'])
    expect((await resolveWeights('timm/net', {}, { ...hub, offline: true })).path).toBe(path)
  })

  test('are downloaded once, verified, and kept as the clients of the hub keep them', async () => {
    const told: string[] = []
    const onProgress = ({ phase, done, total }: { phase: string; done: number; total?: number }): void =>
      void told.push(`${phase} ${done}/${total}`)
    const { path, name, source } = await resolveWeights('timm/net', { onProgress }, hub)
    expect([name, source]).toEqual([`timm/net@${COMMIT.slice(0, 12)}`, `timm/net@${COMMIT}`])
    expect(path).toBe(join(hub.cache, 'models--timm--net', 'snapshots', COMMIT, 'model.safetensors'))
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
    expect(await blobs()).toEqual([sha256(CONTENT)])
    expect(await readFile(join(hub.cache, 'models--timm--net/refs/main'), 'utf8')).toBe(COMMIT)
    expect([told[0], told.at(-1)]).toEqual(['download timm/net, MB 0/2.5', 'download timm/net, MB 2.5/2.5'])
    expect(downloads()).toHaveLength(1)

    expect((await resolveWeights('timm/net@v1', {}, hub)).path).toBe(path)
    expect(downloads()).toHaveLength(1)
    const before = remote.asked.length
    expect((await resolveWeights(source, {}, hub)).path).toBe(path) // a commit never changes: nothing is asked
    expect((await resolveWeights('timm/net', {}, { ...hub, offline: true })).path).toBe(path)
    expect(remote.asked.length).toBe(before)
    const unreachable = { ...hub, url: 'http://127.0.0.1:9' }
    expect((await resolveWeights('timm/net', {}, unreachable)).path).toBe(path)
  })

  test('go on where an attempt ended; what it left counts in the checksum', async () => {
    const part = join(hub.cache, 'models--timm--net', 'blobs', `${sha256(CONTENT)}.incomplete`)
    await mkdir(join(part, '..'), { recursive: true })
    await writeFile(part, CONTENT.subarray(0, 1_000_000))
    const { path } = await resolveWeights('timm/net', {}, hub)
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
    expect(downloads()).toEqual([expect.stringContaining('bytes=1000000-2499999')])
  })

  test('of another checksum are refused and removed, so that the next attempt starts anew', async () => {
    remote.content = CONTENT.map((byte, index) => (index === 2_000_000 ? byte ^ 1 : byte))
    const attempt = (): Promise<unknown> => resolveWeights('timm/net', {}, hub)
    await expect(attempt()).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('checksum'),
    })
    expect(await blobs()).toEqual([])
    remote.content = CONTENT
    await expect(attempt()).resolves.toMatchObject({ name: expect.stringContaining('timm/net@') })
  })

  test('that the hub has not, or that are not there offline, say what to do', async () => {
    await expect(resolveWeights('timm/none', {}, hub)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(
        /timm\/none@main, which is not a file here, and which http.* does not give \(404\)/,
      ),
    })
    const offline = {
      code: 'NOT_FOUND',
      message: expect.stringMatching(/not in the cache \(.*cache.*\).*give its path/),
    }
    await expect(resolveWeights('timm/net', {}, { ...hub, offline: true })).rejects.toMatchObject(offline)
    await expect(resolveWeights('timm/net', {}, { ...hub, url: 'http://127.0.0.1:9' })).rejects.toMatchObject(offline)
    remote.files = ['a.safetensors', 'b.safetensors']
    await expect(resolveWeights('timm/net', {}, hub)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('got a.safetensors, b.safetensors'),
    })
  })

  test('stopped in the middle are taken up again', async () => {
    const stop = new AbortController()
    const onProgress = ({ done }: { done: number }): void => {
      if (done > 0) stop.abort()
    }
    await expect(resolveWeights('timm/net', { signal: stop.signal, onProgress }, hub)).rejects.toMatchObject({
      code: 'ABORTED',
    })
    const { path } = await resolveWeights('timm/net', {}, hub)
    expect((await stat(path)).size).toBe(CONTENT.length)
  })

  test('a cached link whose file is gone does not count', async () => {
    const { path } = await resolveWeights('timm/net', {}, hub)
    await rm(join(hub.cache, 'models--timm--net', 'blobs', sha256(CONTENT)))
    await expect(resolveWeights('timm/net', {}, { ...hub, offline: true })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await resolveWeights('timm/net', {}, hub)
    expect((await stat(path)).size).toBe(CONTENT.length)
  })

  test('are found by HF_ENDPOINT and HF_HUB_CACHE, and opened', async () => {
    remote.content = saveBackbone(createBackbone({ architecture: 'resnet18', seed: 3, lastStage: 'layer2' }))
    remote.oid = sha256(remote.content)
    const before = { ...process.env }
    Object.assign(process.env, { HF_ENDPOINT: `${remote.url}/`, HF_HUB_CACHE: hub.cache })
    try {
      const { extractor, name } = await loadExtractor('timm/net', ['layer2'])
      expect(name).toBe(`timm/net@${COMMIT.slice(0, 12)}`)
      expect(extractor.layers.map((layer) => layer.name)).toEqual(['layer2'])
      extractor.dispose()
      expect(await readdir(hub.cache)).toEqual(['models--timm--net'])
    } finally {
      for (const name of ['HF_ENDPOINT', 'HF_HUB_CACHE']) Reflect.deleteProperty(process.env, name)
      Object.assign(process.env, before)
    }
  })
})

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** A process of its own that downloads `timm/net` into the cache that all of them share. */
function downloader(): {
  readonly child: ChildProcess
  /** It has found that another process downloads the model. */
  readonly waits: Promise<void>
  readonly ended: Promise<{ code: number | null; text: string }>
} {
  const script = join(import.meta.dirname, 'download-weights.ts')
  const args = ['--conditions=@tab/source', '--import=tsx', script, 'timm/net']
  const env = { ...process.env, HF_ENDPOINT: remote.url, HF_HUB_CACHE: hub.cache }
  const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return {
    child,
    waits: new Promise((resolve) => child.once('message', () => resolve())),
    ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, text }))),
  }
}

/** One process in the middle of the file, and another that waits for it. */
async function holderAndWaiter() {
  const [halfway, rest] = [gate(), gate()]
  remote.halfway = () => {
    halfway.open()
    return rest.passed
  }
  const holder = downloader()
  await halfway.passed
  const waiter = downloader()
  await waiter.waits
  return { holder, waiter, goOn: rest.open }
}

/** A promise and what fulfils it. */
function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined
  const passed = new Promise<void>((resolve) => (open = resolve))
  return { passed, open }
}

/** A quarter of the file lies on the disk. */
async function partGrows(): Promise<void> {
  for (let size = 0; size < CONTENT.length / 4; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const name = (await blobs().catch(() => [])).find((blob) => blob.endsWith('.incomplete'))
    size = name === undefined ? 0 : (await stat(join(hub.cache, 'models--timm--net', 'blobs', name))).size
  }
}

describe('processes that share a cache', () => {
  test('download a model once: the second waits for the first and takes its file', async () => {
    const { holder, waiter, goOn } = await holderAndWaiter()
    expect(await blobs()).toContain(`${sha256(CONTENT)}.lock`)
    goOn()
    const path = join(hub.cache, 'models--timm--net', 'snapshots', COMMIT, 'model.safetensors')
    expect(await Promise.all([holder.ended, waiter.ended])).toEqual([
      { code: 0, text: path },
      { code: 0, text: path },
    ])
    expect(downloads()).toHaveLength(1)
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
    expect(await blobs()).toEqual([sha256(CONTENT)])
    expect(await readdir(join(path, '..'))).toEqual(['model.safetensors'])
  })

  test('one is killed in the middle: the one that waits resumes its download, and cleans up', async () => {
    const { holder, waiter, goOn } = await holderAndWaiter()
    await partGrows()
    remote.halfway = undefined
    holder.child.kill('SIGKILL')
    expect((await holder.ended).code).toBeNull()
    const { code, text: path } = await waiter.ended
    goOn()
    expect([code, sha256(await readFile(path))]).toEqual([0, sha256(CONTENT)])
    expect(downloads()).toEqual([expect.not.stringMatching(/^bytes/), expect.stringMatching(/^bytes=[1-9]\d{5,}-/)])
    expect(await blobs()).toEqual([sha256(CONTENT)])
  })

  test('one that waits can be stopped', async () => {
    const { holder, waiter, goOn } = await holderAndWaiter()
    const stop = new AbortController()
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase.startsWith('wait')) stop.abort()
    }
    await expect(resolveWeights('timm/net', { signal: stop.signal, onProgress }, hub)).rejects.toMatchObject({
      code: 'ABORTED',
    })
    goOn()
    expect([(await holder.ended).code, (await waiter.ended).code]).toEqual([0, 0])
  })

  test('one is killed in the middle: what it left is taken up by the next', async () => {
    const [first, rest] = [gate(), gate()]
    remote.halfway = async () => {
      first.open()
      return rest.passed
    }
    const killed = downloader()
    await first.passed
    await partGrows()
    killed.child.kill('SIGKILL')
    expect((await killed.ended).code).toBeNull()
    expect((await blobs()).sort()).toEqual([expect.stringMatching(/\.lock$/), expect.stringMatching(/\.incomplete$/)])
    remote.halfway = undefined
    rest.open()
    const { path } = await resolveWeights('timm/net', {}, hub)
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
    expect(downloads().at(-1)).toMatch(/^bytes=[1-9]\d{5,}-/)
    expect(await blobs()).toEqual([sha256(CONTENT)])
  })

  test('what another left is no part of the file: the file is fetched anew', async () => {
    const folder = join(hub.cache, 'models--timm--net', 'blobs')
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, `${sha256(CONTENT)}.incomplete`), CONTENT.subarray(1, 1_000_000))
    const { path } = await resolveWeights('timm/net', {}, hub)
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
    expect(downloads()).toHaveLength(2)
  })

  test('a blob that was damaged on the disk is fetched anew', async () => {
    const blob = join(hub.cache, 'models--timm--net', 'blobs', sha256(CONTENT))
    await mkdir(join(blob, '..'), { recursive: true })
    await writeFile(blob, new Uint8Array(CONTENT.length))
    const { path } = await resolveWeights('timm/net', {}, hub)
    expect(sha256(await readFile(path))).toBe(sha256(CONTENT))
  })

  test('a listing that points out of the cache is refused', async () => {
    remote.files = ['../../../model.safetensors']
    await expect(resolveWeights('timm/net', {}, hub)).rejects.toMatchObject({
      code: 'INVALID_DATA',
      message: expect.stringContaining('the hub must list a file in the model'),
    })
  })
})

test.each([
  ['timm/resnet18.a1_in1k', { repo: 'timm/resnet18.a1_in1k', revision: 'main' }],
  ['timm/resnet18.a1_in1k@refs/pr/1', { repo: 'timm/resnet18.a1_in1k', revision: 'refs/pr/1' }],
  ['runs/resnet18.safetensors', undefined],
  ['./runs/net', undefined],
  ['../net', undefined],
  ['/runs/net', undefined],
  ['runs/tab-{seed}', undefined],
  ['net', undefined],
  ['a/b/c', undefined],
  ['a/..', undefined],
  ['a/b@../c', undefined],
  ['packages/cli', undefined], // which is here
])('%s as a hub id', (text, id) => {
  expect(parseHubId(text, ROOT)).toEqual(id)
})
