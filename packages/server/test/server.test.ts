import { copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { readDetectorHeader, saveDetector } from '@tab/adapters'
import { openDataset } from '@tab/data/node'
import { readSafetensors } from '@tab/core'
import { openInspector } from '@tab/pipeline/node'
import fc from 'fast-check'
import { clientOf, type Client } from './client.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { tinyProducts, type TinyProducts } from './tiny-products.ts'

let tiny: TinyProducts
let server: ServerProcess
let client: Client
/** Scores of the dented image by version, computed without a server. */
const scores: Record<string, number> = {}
let thresholdOfC: number

beforeAll(async () => {
  tiny = await tinyProducts(['a', 'b', 'c'], ['a', 'b', 'c'])
  for (const [version, model] of Object.entries(tiny.detectors)) {
    const inspector = await openInspector({ model })
    scores[version] = (await inspector.inspect(tiny.dent)).score as number
    thresholdOfC = inspector.threshold as number
    inspector.dispose()
  }
  await mkdir(join(tiny.folder, 'line'))
  await writeFile(join(tiny.folder, 'line', 'dent.png'), tiny.dent)
  await writeFile(join(tiny.folder, 'secret.png'), tiny.dent)
  await symlink(join(tiny.folder, 'secret.png'), join(tiny.folder, 'line', 'link.png'))
  await writeFile(join(tiny.products, 'metal', 'broken.safetensors'), 'not a detector')
  await writeFile(
    join(tiny.products, 'metal', 'elsewhere.safetensors'),
    await scoredElsewhere(tiny.detectors['a'] as string),
  )
  const limits = { bytes: 50_000, pixels: 100_000 }
  const folders = [join(tiny.folder, 'line')]
  server = await startServer({
    products: tiny.products,
    threads: 2,
    limits,
    folders,
    storePolicy: 'block',
    driftFalseAlarmRate: 0.05,
    keepImages: true,
  })
  client = clientOf(server.url)
})
afterAll(async () => {
  expect(await server.stop()).toBe(0)
  await rm(tiny.folder, { recursive: true })
})

/** The file as another machine would have made it, whose scores are twice as high; undamaged. */
async function scoredElsewhere(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path)
  const { method, version, extractorId, options, notes, preparation } = readDetectorHeader(bytes)
  const entries = [...readSafetensors(bytes).entries].filter(([name]) => !name.startsWith('calibration/'))
  const tensors = Object.fromEntries(entries.map(([name, entry]) => [name, entry.toTensor()]))
  const parity = JSON.parse(JSON.stringify(notes['parity'])) as { images: { score: number }[] }
  for (const image of parity.images) image.score *= 2
  return saveDetector(
    { state: () => ({ method, version, extractorId, options, tensors }) },
    { preparation, notes: { ...notes, parity } as never },
  )
}

test('the three versions can be told apart by their scores', () => {
  expect(new Set(Object.values(scores)).size).toBe(3)
})

describe('inspect', () => {
  test('says what the inspector says, by body, form and path', async () => {
    const byBody = await client.inspect(tiny.dent)
    expect(byBody.status).toBe(200)
    expect(byBody.body).toMatchObject({
      product: 'metal',
      version: 'c',
      verdict: 'anomalous',
      score: scores['c'],
      threshold: thresholdOfC,
      thresholdFrom: 'detector',
      stored: true,
    })
    const form = new FormData()
    form.append('file', new Blob([tiny.dent]), 'dent.png')
    const byForm = await fetch(`${server.url}/v1/products/metal/inspect`, { method: 'POST', body: form })
    const byPath = await client.ask('POST', '/v1/products/metal/inspect', {
      path: join(tiny.folder, 'line', 'dent.png'),
    })
    for (const { score, imageDigest } of [(await byForm.json()) as typeof byBody.body, byPath.body]) {
      expect([score, imageDigest]).toEqual([byBody.body.score, byBody.body.imageDigest])
    }
    const good = await client.inspect(tiny.good)
    expect(good.body).toMatchObject({ verdict: 'good' })
    expect(good.body.score).toBeLessThanOrEqual(good.body.threshold)
  })

  test('gives the map as numbers and as a picture, with the inspection beside', async () => {
    const inspector = await openInspector({ model: tiny.detectors['c'] as string })
    const { map } = await inspector.inspect(tiny.dent)
    inspector.dispose()
    const numbers = await client.inspect(tiny.dent, undefined, {
      accept: 'application/octet-stream',
      'x-image-name': 'ä',
    })
    expect(numbers.headers.get('x-map-shape')).toBe('64,64')
    expect(new Float32Array(numbers.body.buffer)).toEqual(map?.data)
    expect(JSON.parse(numbers.headers.get('x-inspection') as string)).toMatchObject({ score: scores['c'] })
    const picture = await client.inspect(tiny.dent, undefined, { accept: 'image/png' })
    expect([...picture.body.slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47])
  })

  test.each([
    ['another version', '?version=a', 200],
    ['a version that is not there', '?version=z', 404],
    ['a version that is refused', '?version=broken', 409],
  ])('%s', async (_, query, status) => {
    const answer = await client.inspect(tiny.dent, `/v1/products/metal/inspect${query}`)
    expect(answer.status).toBe(status)
    if (status === 200) expect(answer.body).toMatchObject({ version: 'a', score: scores['a'] })
    else expect(answer.body.error.message).toMatch(/metal/)
  })

  test('refuses what is no image, too large, or elsewhere', async () => {
    const text = new TextEncoder().encode('no image')
    expect((await client.inspect(text)).status).toBe(422)
    expect((await client.inspect(new Uint8Array(50_001))).status).toBe(413)
    const form = new FormData()
    form.append('file', new Blob([new Uint8Array(60_000)]), 'large.png')
    expect((await fetch(`${server.url}/v1/products/metal/inspect`, { method: 'POST', body: form })).status).toBe(413)
    const bomb = await bombOf(400, 300)
    const refused = await client.inspect(bomb)
    expect([refused.status, refused.body.error.message]).toEqual([422, expect.stringContaining('400 x 300')])
    expect((await client.inspect(tiny.dent, '/v1/products/wood/inspect')).status).toBe(404)
    expect((await client.ask('POST', '/v1/products/metal/inspect')).status).toBe(400)
    for (const path of ['secret.png', 'line/link.png', 'line/../secret.png', 'line', 'line/none.png', 'line/\0'].map(
      (name) => join(tiny.folder, name),
    )) {
      const answer = await client.ask('POST', '/v1/products/metal/inspect', { path })
      expect([path, answer.status]).toEqual([path, path.endsWith('line') ? 404 : path.endsWith('none.png') ? 404 : 403])
    }
  })

  test('has no verdict for a picture without light, whatever threshold was set', async () => {
    const { default: sharp } = await import('sharp')
    const dark = new Uint8Array(await sharp(tiny.good).linear(0.2).png().toBuffer())
    for (const value of [1e6, null]) {
      await client.ask('PUT', '/v1/products/metal/threshold', { version: 'c', value })
      const { status, body } = await client.inspect(dark)
      expect([status, body.verdict]).toEqual([200, 'not-judged'])
      expect(body).toMatchObject({ reason: expect.stringMatching(/^too dark/), score: expect.any(Number) })
    }
  })

  test('drops what comes too late', async () => {
    const answer = await client.inspect(tiny.dent, undefined, { 'x-deadline-ms': '0.01' })
    expect([answer.status, answer.body.error.code]).toEqual([503, 'LATE'])
    expect(answer.headers.get('retry-after')).toBe('1')
  })
})

describe('versions', () => {
  test('that score otherwise on this machine than at their fit are not served, and it is said where', async () => {
    const { body } = await client.ask('GET', '/v1/products/metal')
    const refused = body.versions.find(({ name }: { name: string }) => name === 'elsewhere').refused
    expect(refused).toMatch(/checkParity: the score of picture 1 as at the fit, [\d.]+ to 0.2 % of [\d.]+, got [\d.]+/)
    const [wanted, , got] = refused.match(/\d+\.\d+(?! %)/g).map(Number)
    expect(wanted / got).toBeCloseTo(2, 4)
    expect(body.active).toBe('c')
  })

  test('are swapped under load, and each answer comes from exactly one', async () => {
    let isOver = false
    const seen = new Set<string>()
    const clients = Array.from({ length: 3 }, async () => {
      while (!isOver) {
        const { status, body } = await client.inspect(tiny.dent)
        expect(status).toBe(200)
        expect([body.version, body.score]).toEqual([body.version, scores[body.version]])
        seen.add(body.version)
      }
    })
    for (let swap = 0; swap < 30 || seen.size < 2; swap++) {
      const version = ['a', 'b', 'c'][swap % 3]
      const { body } = await client.ask('PUT', '/v1/products/metal/active', { version })
      expect(body).toMatchObject({ active: version, pinned: true })
    }
    isOver = true
    await Promise.all(clients)
    expect(seen.size).toBeGreaterThan(1)
  })

  test('roll back to the one before, and follow the newest file again', async () => {
    await client.ask('PUT', '/v1/products/metal/active', { version: 'a', author: 'Ada' })
    await client.ask('PUT', '/v1/products/metal/active', { version: 'b', author: 'Ada' })
    const back = await client.ask('POST', '/v1/products/metal/rollback', { author: 'Grace', note: 'false alarms' })
    expect(back.body).toMatchObject({ active: 'a', pinned: true })
    expect((await client.inspect(tiny.dent)).body.score).toBe(scores['a'])
    const { body: changes } = await client.ask('GET', '/v1/products/metal/changes')
    expect(changes.at(-1)).toMatchObject({ kind: 'activate', version: 'a', author: 'Grace', note: 'false alarms' })
    const newest = await client.ask('PUT', '/v1/products/metal/active', { version: null })
    expect(newest.body).toMatchObject({ active: 'c', pinned: false })
  })

  test('have a threshold of their own, above which an image is anomalous', async () => {
    const set = (value: number | null) => client.ask('PUT', '/v1/products/metal/threshold', { version: 'c', value })
    await set(scores['c'] as number)
    expect((await client.inspect(tiny.dent)).body).toMatchObject({
      verdict: 'good', // a score at the threshold is not above it
      threshold: scores['c'],
      thresholdFrom: 'override',
      guaranteedRate: null,
    })
    const other = await client.inspect(tiny.dent, '/v1/products/metal/inspect?version=a')
    expect(other.body).toMatchObject({ thresholdFrom: 'detector' })
    await set(null)
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ verdict: 'anomalous', threshold: thresholdOfC })
    for (const value of ['high', null, NaN].slice(0, 1)) {
      expect((await client.ask('PUT', '/v1/products/metal/threshold', { version: 'c', value })).status).toBe(400)
    }
  })

  test('are taken up from new files; one that is replaced while it is pinned goes on as it was', async () => {
    const path = join(tiny.products, 'metal', 'd.safetensors')
    await copyFile(tiny.detectors['a'] as string, path)
    await client.ask('POST', '/v1/products/rescan')
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'd', score: scores['a'] })
    await client.ask('PUT', '/v1/products/metal/active', { version: 'd' })
    await copyFile(tiny.detectors['b'] as string, path)
    await client.ask('POST', '/v1/products/rescan')
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'd', score: scores['a'] })
    await rm(path)
    const { body: products } = await client.ask('POST', '/v1/products/rescan')
    expect(products[0]).toMatchObject({ active: 'd', pinned: true })
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'd', score: scores['a'] })
    await client.ask('PUT', '/v1/products/metal/active', { version: null })
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'c' })
  })
})

describe('record', () => {
  test('keeps each result once, and what people say of it', async () => {
    const { body: told } = await client.inspect(tiny.dent, undefined, { 'x-image-name': 'part 7' })
    const { body: results } = await client.ask('GET', '/v1/results?limit=1000&product=metal')
    expect(results.filter(({ id }: { id: string }) => id === told.id)).toMatchObject([
      {
        version: told.version,
        digest: told.digest,
        verdict: 'anomalous',
        score: told.score,
        imageName: 'part 7',
        regions: told.regions,
      },
    ])
    const region = { x: 1, y: 2, width: 3, height: 4 }
    const said = await client.ask('POST', '/v1/products/metal/feedback', {
      result: told.id,
      label: 'good',
      region,
      author: 'Ada',
    })
    expect(said.status).toBe(201)
    const { body: feedback } = await client.ask('GET', '/v1/products/metal/feedback')
    expect(feedback).toMatchObject([
      { id: said.body.id, label: 'good', region, imageDigest: told.imageDigest, verdict: 'anomalous' },
    ])
    const unknown = await client.ask('POST', '/v1/products/metal/feedback', { result: 'none', label: 'good' })
    expect(unknown.status).toBe(404)
  })

  test('lists by product, verdict and time', async () => {
    await client.inspect(tiny.good)
    const good = await client.ask('GET', '/v1/results?verdict=good')
    expect(new Set(good.body.map(({ verdict }: { verdict: string }) => verdict))).toEqual(new Set(['good']))
    expect((await client.ask('GET', '/v1/results?product=none')).body).toEqual([])
    expect((await client.ask('GET', '/v1/results?before=2020-01-01T00:00:00Z')).body).toEqual([])
    expect((await client.ask('GET', '/v1/results?limit=0')).status).toBe(400)
  })
})

describe('Open Inference Protocol', () => {
  const infer = (inputs: unknown[], more = {}) => client.ask('POST', '/v2/models/metal/infer', { inputs, ...more })
  const file = () => Buffer.from(tiny.dent).toString('base64')

  test('a client of its specification gets what it says', async () => {
    expect((await client.ask('GET', '/v2/health/live')).status).toBe(200)
    expect((await client.ask('GET', '/v2/health/ready')).status).toBe(200)
    expect((await client.ask('GET', '/v2/models/metal/versions/a/ready')).status).toBe(200)
    const { body: metadata } = await client.ask('GET', '/v2/models/metal')
    const [{ name, datatype, shape }] = metadata.inputs
    expect([name, datatype, shape]).toEqual(['image', 'BYTES', [-1]])
    const { body } = await infer([{ name, datatype, shape: [2], data: [file(), file()] }], { id: 'seven' })
    expect(body).toMatchObject({ model_name: 'metal', model_version: 'c', id: 'seven' })
    const outputs = Object.fromEntries(body.outputs.map((one: { name: string }) => [one.name, one]))
    expect(outputs.score).toEqual({ name: 'score', datatype: 'FP64', shape: [2], data: [scores['c'], scores['c']] })
    expect(outputs.verdict.data).toEqual(['anomalous', 'anomalous'])
  })

  test('takes pixels, gives maps, and has errors of its own', async () => {
    const grey = { name: 'image', datatype: 'UINT8', shape: [1, 8, 8, 3], data: Array.from({ length: 192 }, () => 128) }
    const { body } = await infer([grey], { outputs: [{ name: 'anomaly_map' }] })
    expect(body.outputs).toMatchObject([{ name: 'anomaly_map', datatype: 'FP32', shape: [1, 64, 64] }])
    expect(body.outputs[0].data).toHaveLength(64 * 64)
    for (const wrong of [
      { ...grey, name: 'picture' },
      { ...grey, shape: [1, 8, 9, 3] },
      { ...grey, data: grey.data.map(() => 256) },
      { ...grey, datatype: 'FP32' },
    ]) {
      const answer = await infer([wrong])
      expect([answer.status, typeof answer.body.error]).toEqual([400, 'string'])
    }
    expect((await client.ask('GET', '/v2/models/wood')).body.error).toMatch(/wood/)
  })
})

describe('health', () => {
  test('says that it is live and ready, what is refused, and figures', async () => {
    expect((await client.ask('GET', '/livez')).body).toEqual({ live: true })
    expect((await client.ask('GET', '/readyz')).body).toEqual({ ready: true })
    const { body: health } = await client.ask('GET', '/v1/health')
    expect(health.notes).toEqual([
      expect.stringMatching(/broken\.safetensors is not served/),
      expect.stringMatching(/elsewhere\.safetensors is not served/),
    ])
    const { body: metrics } = await client.ask('GET', '/metrics')
    expect(Buffer.from(metrics).toString()).toMatch(
      /tab_inspections_total\{product="metal",version="c",verdict="anomalous"\} \d+/,
    )
  })

  test('has every figure that the dashboard of deploy asks for', async () => {
    const dashboard = JSON.parse(
      await readFile(new URL('../../../deploy/grafana-dashboard.json', import.meta.url), 'utf8'),
    )
    const { body } = await client.ask('GET', '/metrics')
    const types = [
      ...Buffer.from(body)
        .toString()
        .matchAll(/^# TYPE (\S+) (\S+)$/gm),
    ]
    const known = new Map(types.map(([, name, type]) => [name as string, type as string]))
    const asked: string[] = dashboard.panels.flatMap(({ targets }: { targets: { expr: string }[] }) =>
      targets.flatMap(({ expr }) => expr.match(/\b(?:tab|process|nodejs)_\w+/g) ?? []),
    )
    expect(asked.length).toBeGreaterThan(15)
    for (const name of asked) {
      const histogram = name.replace(/_(bucket|sum|count)$/, '')
      expect([name, known.has(name) || known.get(histogram) === 'histogram']).toEqual([name, true])
    }
  })

  test('describes its API as OpenAPI 3.1', async () => {
    const { body } = await client.ask('GET', '/docs/json')
    expect(body.openapi).toBe('3.1.0')
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v1/products/{product}/inspect',
        '/v1/products/{product}/active',
        '/v2/models/{model}/infer',
      ]),
    )
  })
})

test('says when the parts that pass have changed', async () => {
  const product = async () => (await client.ask('GET', '/v1/health')).body.products[0]
  await client.ask('PUT', '/v1/products/metal/threshold', { version: 'c', value: (scores['c'] as number) + 1 })
  expect((await product()).drift).toEqual({ seen: 0, evidence: 1, hasDrifted: false })
  for (let part = 0; part < 60; part++) await client.inspect(tiny.dent) // passes, by the threshold of above
  expect((await product()).drift).toMatchObject({ seen: 60, hasDrifted: true })
  const { body: health } = await client.ask('GET', '/v1/health')
  expect(health.notes.at(-1)).toMatch(/metal c: the good parts no longer look like those of the fit/)
  await client.ask('PUT', '/v1/products/metal/threshold', { version: 'c', value: null })
  expect((await product()).drift).toMatchObject({ seen: 0 })
})

describe('operators', () => {
  const say = (result: string, label: 'good' | 'defect') =>
    client.ask('POST', '/v1/products/metal/feedback', { result, label })
  const learn = (results: readonly string[], more = {}) =>
    client.ask('POST', '/v1/products/metal/learn', { results, ...more })
  const idOf = async (image: Uint8Array<ArrayBuffer>): Promise<string> => (await client.inspect(image)).body.id

  test('learn a good image: a version that knows it, measured before it is served, undone by a roll-back', async () => {
    const dent = await idOf(tiny.dent)
    await say(dent, 'defect')
    await say(await idOf(tiny.good), 'good')
    const scratch = await client.inspect(tiny.scratch)
    expect(scratch.body).toMatchObject({ version: 'c', verdict: 'anomalous' })
    const { status, body } = await learn([scratch.body.id], { author: 'Ada', note: 'a false alarm' })
    expect([status, body]).toEqual([
      201,
      {
        version: 'c.learned-1',
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
        defects: { images: 1, before: 1, after: 1 },
        good: { images: 1, before: 1, after: 1 },
        learned: [{ result: scratch.body.id, before: scratch.body.score, after: expect.any(Number) }],
        missed: [],
      },
    ])
    const again = await client.inspect(tiny.scratch)
    expect(again.body).toMatchObject({ version: 'c.learned-1', digest: body.digest, score: body.learned[0].after })
    expect(again.body.score).toBeLessThan(0.7 * scratch.body.score)
    expect((await client.inspect(tiny.dent)).body.verdict).toBe('anomalous')
    const { body: changes } = await client.ask('GET', '/v1/products/metal/changes')
    expect(changes.at(-1)).toMatchObject({
      kind: 'learn',
      version: 'c.learned-1',
      author: 'Ada',
      note: 'a false alarm',
    })
    expect((await client.ask('POST', '/v1/products/metal/rollback', {})).body).toMatchObject({ active: 'c' })
    expect((await client.inspect(tiny.scratch)).body.score).toBe(scratch.body.score)
  })

  test('do not learn what would let a kept defect pass, unless forced', async () => {
    const like = await idOf(tiny.likeDent)
    const refused = await learn([like])
    expect([refused.status, refused.body.error.message]).toEqual([
      409,
      expect.stringMatching(/miss 1 of 1 kept defects/),
    ])
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'c', verdict: 'anomalous' })
    const forced = await learn([like], { force: true })
    expect(forced.body).toMatchObject({ version: 'c.learned-2', defects: { images: 1, before: 1, after: 0 } })
    expect(forced.body.missed).toHaveLength(1)
    expect((await client.inspect(tiny.dent)).body).toMatchObject({ version: 'c.learned-2', verdict: 'good' })
    await client.ask('POST', '/v1/products/metal/rollback', {})
    const defect = await learn([await idOf(tiny.dent)])
    expect([defect.status, defect.body.error.message]).toEqual([409, expect.stringContaining('was called a defect')])
    expect((await learn(['none'])).status).toBe(404)
    expect((await learn([])).status).toBe(400)
  })

  test('get what was said as a data set', async () => {
    const { status, body } = await client.ask('POST', '/v1/products/metal/feedback/export')
    expect([status, body]).toEqual([
      201,
      // The images that were learned are good by that; of several words the last counts.
      { folder: expect.stringMatching(/^exports\/metal-\d+$/), good: 3, defect: 1, missing: 0 },
    ])
    const { samples } = await openDataset(join(tiny.products, '.tab-server', body.folder))
    expect(samples.filter(({ label }) => label === 1)).toMatchObject([{ split: 'test', defect: 'defect' }])
    const defect = samples.find(({ label }) => label === 1)
    expect(new Uint8Array(await readFile(defect?.path as string))).toEqual(tiny.dent)
    expect(samples.filter(({ label }) => label === 0)).toHaveLength(3)
    expect((await client.ask('POST', '/v1/products/wood/feedback/export')).status).toBe(404)
  })
})

test('pages of other sites and names of other machines are turned away', async () => {
  expect((await client.ask('GET', '/v1/products', undefined, { origin: 'https://evil.example' })).status).toBe(403)
  expect((await client.ask('GET', '/v1/products', undefined, { origin: server.url })).status).toBe(200)
  const { hostname, port } = new URL(server.url)
  const status = await new Promise((resolve) => {
    request({ hostname, port, path: '/v1/products', headers: { host: 'rebound.example' } }, (answer) => {
      answer.resume() // else its connection stays busy
      resolve(answer.statusCode)
    }).end()
  })
  expect(status).toBe(403)
})

test('nothing that is sent ends it or is its own fault', async () => {
  const path = fc.constantFrom(
    '/v1/products/metal/inspect',
    '/v1/products/metal/active',
    '/v1/products/metal/feedback',
    '/v2/models/metal/infer',
    '/v1/results',
    '/v1/products/%00/inspect',
    '/v1/products/metal/threshold',
  )
  const type = fc.constantFrom(
    'application/json',
    'image/png',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/octet-stream',
  )
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.json().map((text) => new TextEncoder().encode(text)),
    fc.constant(tiny.dent.slice(0, 300)),
  )
  await fc.assert(
    fc.asyncProperty(
      path,
      fc.constantFrom('POST', 'PUT', 'GET', 'DELETE'),
      type,
      body,
      async (to, method, contentType, bytes) => {
        const more = method === 'GET' ? {} : { body: Uint8Array.from(bytes) }
        const { status } = await fetch(server.url + to, { method, headers: { 'content-type': contentType }, ...more })
        expect(status).not.toBe(500)
      },
    ),
    { numRuns: 200 },
  )
  expect((await client.inspect(tiny.dent)).status).toBe(200)
})

/** A PNG of one colour that is larger than it looks. */
async function bombOf(width: number, height: number): Promise<Uint8Array<ArrayBuffer>> {
  const { default: sharp } = await import('sharp')
  const image = sharp({ create: { width, height, channels: 3, background: '#888' } })
  return new Uint8Array(await image.png().toBuffer())
}
