import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDataset, writeSyntheticDataset } from '@tab/data/node'
import {
  BENCHMARK_SPEC,
  CHOOSE_SPEC,
  EVALUATE_SPEC,
  FIT_SPEC,
  PRETRAIN_SPEC,
  SYNTHESIZE_SPEC,
  parseSpec,
} from '@tab/pipeline'
import { checkConfig, readConfig } from '@tab/pipeline/node'
import { run } from '../../packages/cli/src/run.ts'
import { EXIT } from '../../packages/cli/src/exit-status.ts'
import { readCsvTable } from '../../packages/data/src/node/layouts/csv-table.ts'
import { readArea } from '../../packages/pipeline/src/node/read-area.ts'
import { openResults } from '../../packages/pipeline/src/node/benchmark/results-file.ts'
import { regionMask } from '../../packages/pipeline/src/inspect/region-mask.ts'
import { mutateJson } from './mutate-json.ts'
import { mutateCsv, mutateYaml } from './mutate-text.ts'
import { bytesOf, jsonOf, must, textOf, type Target } from './target.ts'

const MANIFEST =
  'path,split,label,defect,mask\ntrain/good/000.png,train,0,,\ntest/good/000.png,test,0,,\n"test/scratch/000.png",test,1,scratch,\n'
const CONFIG =
  'datasets: [{ path: parts, layout: mvtec-ad }]\nbackbones:\n  - { name: ours, weights: a.onnx }\n  - { name: none, random: resnet18 }\n' +
  'detectors: [{ method: patchcore, coresetRatio: 0.1 }, &p { method: padim }]\nshots: [1, full]\nseeds: [0, 1]\nimageSize: 224\n'
const DEFAULTS = 'prompts:\n  class: [screw, nut]\nfit:\n  image-size: 64\n  coreset-ratio: 0.1\n'
const SPECS: Readonly<Record<string, readonly [Parameters<typeof parseSpec>[0], object]>> = {
  fit: [
    FIT_SPEC,
    { data: 'a', backbone: 'b', output: 'c', imageSize: 32, detector: { method: 'patchcore', coresetRatio: 0.1 } },
  ],
  evaluate: [
    EVALUATE_SPEC,
    { data: 'a', backbones: [{ name: 'n', weights: 'b' }], output: 'c', detector: { method: 'padim' }, shots: 2 },
  ],
  choose: [CHOOSE_SPEC, { data: 'a', backbones: [{ name: 'n', weights: 'b' }], imageSizes: [32], output: 'c' }],
  pretrain: [PRETRAIN_SPEC, { data: ['a'], init: 'b', output: 'c', settings: { steps: 3, losses: {} }, seed: 0 }],
  synth: [SYNTHESIZE_SPEC, { input: 'a', output: 'c', count: 3, seed: 1 }],
  benchmark: [
    BENCHMARK_SPEC,
    {
      output: 'o',
      datasets: [{ path: 'a' }],
      backbones: [{ name: 'n', random: 'resnet18' }],
      detectors: [{ method: 'subspace' }],
    },
  ],
}
const ROW = {
  schema: 'tab.benchmark-cell/2',
  key: 'k',
  name: { dataset: 'a' },
  metrics: {},
  scores: {},
  defects: {},
  cost: {},
}

/** Texts that people write: tables, configurations, specs and polygons. */
export async function textTargets(folder: string): Promise<Target[]> {
  const parts = join(folder, 'parts')
  await writeSyntheticDataset(parts, { part: 'washer', size: [32, 32], seed: 1, train: 1, good: 1, perDefect: 1 })
  const listed = join(folder, 'listed')
  mkdirSync(listed)
  const write = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  }
  const ofJson: Target['mutate'] = (bytes, rng) => bytesOf(mutateJson(JSON.parse(textOf(bytes)), rng))
  return [
    {
      name: 'csv',
      share: 60,
      seeds: [bytesOf(MANIFEST)],
      mutate: mutateCsv,
      async read(bytes) {
        const { rows } = readCsvTable(textOf(bytes), { required: ['path', 'split'], optional: ['label'] })
        for (const { fields } of rows) must(Object.keys(fields).join() === 'path,split,label', 'other columns')
      },
    },
    {
      name: 'manifest',
      share: 20,
      seeds: [bytesOf(MANIFEST)],
      mutate: mutateCsv,
      async read(bytes) {
        writeFileSync(join(parts, 'manifest.csv'), bytes)
        const { samples } = await openDataset(parts, { layout: 'manifest' })
        for (const { path } of samples) must(path.startsWith(parts), `outside: ${path}`)
      },
    },
    {
      name: 'benchmark config',
      share: 25,
      seeds: [bytesOf(CONFIG)],
      mutate: mutateYaml,
      async read(bytes) {
        const { value, folder: base } = await readConfig(write('config.yaml', bytes))
        const config = checkConfig('config', value, base)
        must(config.seeds.every(Number.isSafeInteger), 'a seed that is no whole number')
        must(JSON.stringify(config).length > 0, 'not JSON')
      },
    },
    {
      name: 'defaults of the command',
      share: 15,
      seeds: [bytesOf(DEFAULTS)],
      mutate: mutateYaml,
      async read(bytes) {
        const said = { write: () => true }
        const terminal = { stdout: said, stderr: said, signal: new AbortController().signal }
        const path = write('defaults.yaml', bytes)
        const status = await run(['--config', path, 'prompts', '--class', 'screw'], terminal)
        must(status !== EXIT.internal, 'an internal error')
      },
    },
    {
      name: 'specs',
      share: 60,
      seeds: Object.entries(SPECS).map(([name, [, spec]]) => bytesOf(JSON.stringify({ name, spec }))),
      mutate(bytes, rng) {
        const { name, spec } = JSON.parse(textOf(bytes)) as { name: string; spec: unknown }
        return bytesOf(`{"name":"${name}","spec":${mutateJson(spec, rng)}}`)
      },
      async read(bytes) {
        const { name, spec } = jsonOf(bytes) as { name: string; spec: unknown }
        const [schema] = SPECS[name] as (typeof SPECS)[string]
        const parsed = parseSpec(schema, spec)
        must(JSON.stringify(parseSpec(schema, parsed)) === JSON.stringify(parsed), 'another spec when parsed again')
      },
    },
    {
      name: 'area',
      share: 30,
      seeds: [bytesOf('[[[0,0],[9,0],[9,9]],[[1,1],[2.5,1],[2,30]]]'), bytesOf('[[0,0],[9,0],[9,9]]')],
      mutate: ofJson,
      async read(bytes) {
        const area = await readArea('region', write('area.json', bytes))
        const mask = regionMask('look', { region: area }, { size: [16, 16] }, [16, 16])
        must(mask?.data.every((value) => value === 0 || value === 1) === true, 'a mask of other values')
      },
    },
    {
      name: 'results of a benchmark',
      share: 20,
      seeds: [bytesOf(JSON.stringify(ROW))],
      mutate: (bytes, rng, other) => {
        const changed = rng() < 0.7 ? ofJson(bytes, rng, other) : mutateYaml(bytes, rng, other)
        return rng() < 0.8 ? bytesOf(`${textOf(changed)}\n`) : changed
      },
      async read(bytes) {
        const { finished } = await openResults(write('results.jsonl', bytes))
        for (const [key, row] of finished) must(key === row.key, 'a row of another key')
      },
    },
  ]
}
