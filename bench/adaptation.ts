// What adaptation to the part is worth: `npm run bench -- adaptation --data SETS --output FOLDER [--sets NAMES] [--shots NUMBERS]`.
// PatchCore with and without `adapt` on the bundled backbone, on the same good images and the same test images. What is done is kept in the
// output folder: a run that was stopped continues.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeAtomically } from '@tab/core/node'
import { benchmark } from '@tab/pipeline/node'
import { adaptationFigures, adaptationPage, ADAPTED, PLAIN } from './adaptation/figures.ts'
import { readCells } from './adaptation/cells.ts'
import { openSets } from './panel/sets.ts'

const UNSEEN = ['magnetic-tile', 'washer', 'tablet', 'brushed-metal', 'fabric']
const SEEN = ['aws-cookies', 'deeppcb', 'hazelnut-toy', 'aws-circuitboard']

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    output: { type: 'string' },
    sets: { type: 'string', default: [...UNSEEN, ...SEEN].join() },
    shots: { type: 'string', default: '1,5,10' },
  },
})
if (!values.data || !values.output) {
  console.error('usage: npm run bench -- adaptation --data SETS --output FOLDER [--sets NAMES] [--shots NUMBERS]')
  process.exit(2)
}
const output = resolve(values.output)
await mkdir(output, { recursive: true })
const sets = await openSets(values.sets.split(','), { data: values.data, output })
const shots = values.shots.split(',').map(Number)
const few = { method: 'patchcore', coresetRatio: 1, shots: shots.filter((count) => count <= 10) } as const
const many = { method: 'patchcore', coresetRatio: 0.1, shots: shots.filter((count) => count > 10) } as const
const used = [few, many].filter((detector) => detector.shots.length > 0)
const folder = join(output, 'benchmark')
const { failed } = await benchmark(
  {
    output: folder,
    cache: join(output, 'features'),
    datasets: [...sets].map(([name, path]) => ({ name, path })),
    backbones: [{ name: 'tab-resnet18', weights: 'tab-resnet18' }],
    detectors: used.flatMap((detector) => [
      { ...detector, name: PLAIN },
      { ...detector, name: ADAPTED, adapt: true },
    ]),
    shots,
    seeds: [0, 1, 2],
  },
  {
    onRow: ({ name: { dataset, detector, shots: count, seed } }) =>
      process.stderr.write(`  ${dataset}, ${detector}, ${count} normals, subset ${seed}\n`),
  },
)
for (const { name, error } of failed) console.error(`${name.dataset}, ${name.detector}: ${error.message}`)
const figures = await adaptationFigures(await readCells(folder))
await writeAtomically(join(output, 'adaptation.md'), adaptationPage(figures, UNSEEN))
await writeAtomically(
  join(output, 'adaptation.json'),
  `${JSON.stringify({ schema: 'tab.adaptation/1', figures }, null, 2)}\n`,
)
console.log(adaptationPage(figures, UNSEEN))
