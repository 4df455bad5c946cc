import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { runTab, type Outcome } from './run-tab.ts'

let folder: string
const set: string[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tab-config-'))
})
afterEach(async () => {
  for (const name of set.splice(0)) Reflect.deleteProperty(process.env, name)
  await rm(folder, { recursive: true })
})

function environment(variables: Readonly<Record<string, string>>): void {
  set.push(...Object.keys(variables))
  Object.assign(process.env, variables)
}

async function configured(yaml: string, ...args: string[]): Promise<Outcome> {
  const path = join(folder, 'tab.config.yaml')
  await writeFile(path, yaml)
  return runTab(['--config', path, ...args])
}

const promptsOf = ({ stdout }: Outcome) => JSON.parse(stdout) as { normal: string[]; abnormal: string[] }

describe('options of a command', () => {
  const yaml = 'prompts: { class: from file, json: true, defects: [bent, cut], preset: tab }'

  test('come from the file, before it the environment, before that a flag', async () => {
    const fromFile = await configured(yaml, 'prompts')
    expect(promptsOf(fromFile).normal.join()).toContain('from file')
    expect(promptsOf(fromFile).abnormal.join()).toMatch(/bent[\s\S]*cut/)
    environment({ TAB_CLASS: 'from environment' })
    const fromEnvironment = promptsOf(await configured(yaml, 'prompts')).normal.join()
    expect(fromEnvironment).toContain('from environment')
    expect(fromEnvironment).not.toContain('from file')
    const fromFlag = promptsOf(await configured(yaml, 'prompts', '--class', 'from flag')).normal.join()
    expect(fromFlag).toContain('from flag')
    expect(fromFlag).not.toContain('from environment')
  })

  test('that are needed may come from either, and TAB_CONFIG names the file', async () => {
    const path = join(folder, 'tab.json')
    await writeFile(path, JSON.stringify({ export: { backbone: join(folder, 'absent.safetensors') } }))
    environment({ TAB_CONFIG: path, TAB_OUTPUT: join(folder, 'x.onnx') })
    const { status, stderr } = await runTab(['export'])
    expect([status, stderr]).toEqual([1, expect.stringContaining('a readable file, got')])
  })

  test('of a nested command have a section of their own, by camel case if one likes', async () => {
    const nested = 'prompts: { encode: { class: screw, model: lexical, batchSize: 0, output: x } }'
    const { status, stderr } = await configured(nested, 'prompts', 'encode')
    expect([status, stderr]).toEqual([
      64,
      expect.stringContaining('encode.batchSize is invalid. expected a whole number'),
    ])
  })

  test.each(['{ toString: 1 }', '[{ toString: 1 }]', 'null'])('are values, not %s', async (value) => {
    const { status, stderr } = await configured(`prompts: { class: ${value} }`, 'prompts')
    expect([status, stderr]).toEqual([64, expect.stringContaining('prompts.class is invalid. expected a value')])
  })

  test.each([
    [{ TAB_JSON: 'perhaps' }, 'TAB_JSON is invalid. expected true or false, got "perhaps"'],
    [{ TAB_PRESET: 'other' }, 'TAB_PRESET is invalid. Allowed choices are winclip, tab, industrial.'],
  ])('%j is refused', async (variables, message) => {
    environment(variables)
    const { status, stderr } = await runTab(['prompts', '--class', 'screw'])
    expect([status, stderr]).toEqual([64, expect.stringContaining(message)])
  })

  test('a false one stays off', async () => {
    environment({ TAB_JSON: 'false' })
    expect((await runTab(['prompts', '--class', 'screw'])).stdout).toMatch(/^normal, \d+ prompts/)
  })

  test('lists of paths have commas between', async () => {
    environment({ TAB_DATA: `${folder}/one,${folder}/two` })
    const { stderr } = await runTab(['pretrain', '--output', join(folder, 'x'), '--engine', 'cpu', '--workers', '0'])
    expect(stderr).toContain(`${folder}/one, which does not exist`)
  })

  test('a list of a flag replaces that of the environment, and that of the environment the one of the file', async () => {
    const [flag, environmental, file] = ['flag', 'environment', 'file'].map((name) => `${folder}/${name} = "$&", x`)
    const yaml = JSON.stringify({ pretrain: { data: [file], output: join(folder, 'x'), engine: 'cpu', workers: 0 } })
    expect((await configured(yaml, 'pretrain')).stderr).toContain(`${file}, which does not exist`)
    environment({ TAB_DATA: JSON.stringify([environmental]) })
    expect((await configured(yaml, 'pretrain')).stderr).toContain(`${environmental}, which does not exist`)
    expect((await configured(yaml, 'pretrain', '--data', flag as string)).stderr).toContain(
      `${flag}, which does not exist`,
    )
  })

  test('a switch goes by the environment before the file, in both directions', async () => {
    environment({ TAB_JSON: 'no' })
    const print = async (yaml: string, ...args: string[]) =>
      (await configured(yaml, 'prompts', '--class', 'screw', ...args)).stdout
    expect(await print('prompts: { json: true }')).toMatch(/^normal, \d+ prompts/)
    expect(await print('prompts: { json: true }', '--json')).toMatch(/^\{/)
    environment({ TAB_JSON: 'yes' })
    expect(await print('prompts: { json: false }')).toMatch(/^\{/)
  })

  test.each([
    ['promts: {}', 'unknown key "promts". Did you mean prompts?'],
    ['prompts: { clas: screw }', 'prompts: unknown key "clas". Did you mean class?'],
    ['evaluate: { colour: red }', 'evaluate: unknown key "colour". It takes data, layout'],
    ['class: screw', 'unknown key "class". It takes demo, evaluate'],
    ['prompts: screw', 'prompts: a mapping, got "screw"'],
    ['{', 'not YAML'],
  ])('%s is refused', async (yaml, message) => {
    const { status, stderr } = await configured(yaml, 'prompts', '--class', 'screw')
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})
