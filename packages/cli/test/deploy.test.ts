import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { createProgram } from '../src/program.ts'

const read = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

function flagsOfServe(): Set<string> {
  const stream = { write: () => undefined }
  const program = createProgram(
    { stdout: stream, stderr: stream, signal: new AbortController().signal },
    () => undefined,
  )
  const serve = program.commands.find((command) => command.name() === 'serve')
  return new Set(serve?.options.map(({ long }) => long as string))
}

/** The words of the lines that start the server. */
async function words(path: string, line: RegExp): Promise<string[]> {
  const lines = (await read(path)).split('\n').filter((one) => line.test(one))
  expect(lines.length).toBeGreaterThan(0)
  return lines.flatMap((one) => one.match(/--[\w-]+/g) ?? [])
}

test.each([
  ['deploy/Dockerfile', /^ENTRYPOINT/],
  ['deploy/tab-server.service', /^ExecStart=/],
  ['deploy/kubernetes.yaml', /args:/],
])('%s starts the server with flags that it has', async (path, line) => {
  const flags = flagsOfServe()
  const asked = await words(path, line)
  expect(asked.length).toBeGreaterThan(1)
  for (const flag of asked) expect(flags).toContain(flag)
})

test('kubernetes.yaml is whole: its names agree, its probes ask for addresses that the server has, its token is that of the environment', async () => {
  const documents = parseAllDocuments(await read('deploy/kubernetes.yaml'))
  expect(documents.flatMap(({ errors }) => errors)).toEqual([])
  const [claim, deployment, service] = documents.map((document) => document.toJS())
  expect([claim.kind, deployment.kind, service.kind]).toEqual(['PersistentVolumeClaim', 'Deployment', 'Service'])
  const { template, selector } = deployment.spec
  expect(template.metadata.labels).toMatchObject(selector.matchLabels)
  expect(template.metadata.labels).toMatchObject(service.spec.selector)
  const [container] = template.spec.containers
  expect(template.spec.volumes[0].persistentVolumeClaim.claimName).toBe(claim.metadata.name)
  for (const { name } of container.volumeMounts) expect(name).toBe(template.spec.volumes[0].name)
  const [port] = container.ports
  expect(service.spec.ports[0].targetPort).toBe(port.name)
  const routes = await read('packages/server/src/http/health-routes.ts')
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    const { path, port: asked } = container[probe].httpGet
    expect([routes.includes(`'${path}'`), asked]).toEqual([true, port.name])
  }
  expect(routes).toContain(`'${template.metadata.annotations['prometheus.io/path']}'`)
  const docker = await read('deploy/Dockerfile')
  for (const path of [
    `EXPOSE ${port.containerPort}`,
    '/livez',
    ...container.volumeMounts.map((one: { mountPath: string }) => one.mountPath),
  ]) {
    expect(docker).toContain(path)
  }
  expect(container.env[0].name).toBe('TAB_TOKEN') // as tab serve --help says
})
