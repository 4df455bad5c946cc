// A line in one program: a camera writes pictures into a folder, the server inspects each, an MQTT broker carries the results, and a gate lets parts pass
// or rejects them. On a real line these are four machines; the server is then `tab serve --products products --watch metal=camera --mqtt mqtt://broker`.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { syntheticParts, toLevels } from '@tab/data'
import { fitInspector } from '@tab/pipeline/node'
import { createServer } from '@tab/server'
import { Aedes } from 'aedes'
import sharp from 'sharp'
import { openGate } from './gate.ts'

const folder = await mkdtemp(join(tmpdir(), 'tab-line-'))
const [products, camera] = [join(folder, 'products'), join(folder, 'camera')]
await mkdir(join(products, 'metal'), { recursive: true })
await mkdir(camera)

// Teach: a detector from pictures of good parts, as a version of the product.
const parts = syntheticParts({ part: 'brushed-metal', size: [128, 128], seed: 4 })
const images = Array.from({ length: 16 }, (_, index) => parts.normal(index).image)
const inspector = await fitInspector({ images, preparation: { size: [128, 128] } })
await writeFile(join(products, 'metal', 'v1.safetensors'), await inspector.save())
inspector.dispose()

// Broker, server, gate.
const broker = await Aedes.createBroker()
const listener = createTcpServer(broker.handle)
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
const url = `mqtt://127.0.0.1:${(listener.address() as AddressInfo).port}`
const gate = await openGate(url, 'tab/metal/results')
const server = await createServer({
  products,
  port: 0,
  threads: 1,
  sources: [{ type: 'folder', product: 'metal', path: camera }],
  sinks: [{ type: 'mqtt', url }],
})

/** The camera's driver: a picture appears under its name when it is whole. */
async function photograph(name: string, picture: Uint8Array): Promise<void> {
  await writeFile(join(folder, name), picture)
  await rename(join(folder, name), join(camera, name))
}

async function jpeg({ shape, data }: (typeof images)[number]): Promise<Uint8Array> {
  const [height, width] = shape as [number, number, number]
  return sharp(toLevels(data), { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer()
}

// Parts come by.
const LONG = 120_000 // of a machine that does much else at once; on a line, the time from the camera to the gate
const passing = [
  { name: '0001.jpg', picture: await jpeg(parts.normal(100).image), pass: true, within: LONG },
  { name: '0002.jpg', picture: await jpeg(parts.anomalous(201, 'dent').image), pass: false, within: LONG },
  { name: '0003.jpg', picture: await jpeg(parts.normal(101).image), pass: true, within: LONG },
  { name: '0004.jpg', picture: new TextEncoder().encode('a cable is loose'), pass: false, within: 1500 },
]
for (const { name, picture, pass, within } of passing) {
  const decided = gate.decide(name, within)
  await photograph(name, picture)
  const decision = await decided
  console.log(name, decision.pass ? 'passes' : 'is rejected', `(${decision.why})`)
  if (decision.pass !== pass) throw new Error(`${name} is decided wrongly`)
}

// What the server knows of it afterwards.
const results = (await (await fetch(`${server.url}/v1/results`)).json()) as { imageName: string }[]
const inspected = results.map(({ imageName }) => imageName).sort()
console.log('in the store:', inspected.join(' '))
if (inspected.join() !== '0001.jpg,0002.jpg,0003.jpg') throw new Error('each picture that can be read has one result')

await server.close()
await gate.close()
await new Promise<void>((resolve) => broker.close(() => listener.close(() => resolve())))
await rm(folder, { recursive: true })
