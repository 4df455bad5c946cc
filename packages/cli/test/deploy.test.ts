import { readFile } from 'node:fs/promises'
import { expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { createProgram } from '../src/program.ts'

const read = (path: string): Promise<string> => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

function flagsOf(name: string): Set<string> {
  const stream = { write: () => undefined }
  const program = createProgram(
    { stdout: stream, stderr: stream, signal: new AbortController().signal },
    () => undefined,
  )
  const command = program.commands.find((one) => one.name() === name)
  return new Set(command?.options.map(({ long }) => long as string))
}

/** The flags in the lines that start a command. */
async function words(path: string, line: RegExp): Promise<string[]> {
  const lines = (await read(path)).split('\n').filter((one) => line.test(one))
  expect(lines.length).toBeGreaterThan(0)
  return lines.flatMap((one) => one.match(/--[\w-]+/g) ?? [])
}

test.each([
  ['deploy/Dockerfile', 'serve', /^ENTRYPOINT/],
  ['deploy/tab-server.service', 'serve', /^ExecStart=/],
  ['deploy/kubernetes.yaml', 'serve', /args:/],
  ['deploy/workers.yaml', 'worker', /args:/],
])('%s starts tab %s with flags that it has', async (path, command, line) => {
  const flags = flagsOf(command)
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

test('workers.yaml is whole: its names agree, its volumes are mounted where its flags say', async () => {
  const document = parseAllDocuments(await read('deploy/workers.yaml'))
  expect(document.flatMap(({ errors }) => errors)).toEqual([])
  const [deployment] = document.map((one) => one.toJS())
  const { template, selector } = deployment.spec
  expect(template.metadata.labels).toMatchObject(selector.matchLabels)
  const [container] = template.spec.containers
  const names = template.spec.volumes.map(({ name }: { name: string }) => name)
  const mounts: { name: string; mountPath: string }[] = container.volumeMounts
  expect(mounts.map(({ name }) => name)).toEqual(names)
  expect(mounts.map(({ mountPath }) => mountPath)).toContain(container.args.at(container.args.indexOf('--cache') + 1))
  expect(await read('deploy/Dockerfile')).toContain('@tab/jobs')
})
