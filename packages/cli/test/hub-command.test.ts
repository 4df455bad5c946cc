import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { createBackbone, saveBackbone } from '@tab/model'
import { COMMIT, fakeHub, sha256 } from '../../weights/test/fake-hub.ts'
import { runTab } from './run-tab.ts'

test('a command takes weights of the hub, by HF_ENDPOINT and HF_HOME', async () => {
  const [remote, folder] = [await fakeHub(), await mkdtemp(join(tmpdir(), 'tab-hub-'))]
  remote.content = saveBackbone(createBackbone({ architecture: 'resnet18', seed: 3, lastStage: 'layer2' }))
  remote.oid = sha256(remote.content)
  const settings = { HF_ENDPOINT: `${remote.url}/`, HF_HOME: join(folder, 'home'), TAB_BACKBONE: 'timm/net' }
  const before = { ...process.env }
  Object.assign(process.env, settings)
  try {
    const output = join(folder, 'net.onnx')
    const { status, stdout, stderr } = await runTab(['export', '--output', output, '--layers', 'layer2'])
    expect([status, stderr]).toEqual([0, expect.stringContaining('download timm/net, MB')])
    expect(stdout).toContain(`timm/net@${COMMIT.slice(0, 12)} (resnet18) as ONNX, nhwc, layer2`)
    expect(await readdir(join(folder, 'home', 'hub'))).toEqual(['models--timm--net'])
  } finally {
    for (const name of Object.keys(settings)) Reflect.deleteProperty(process.env, name)
    Object.assign(process.env, before)
    remote.server.closeAllConnections()
    remote.server.close()
    await rm(folder, { recursive: true })
  }
})
