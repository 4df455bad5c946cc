// What a pre-training gains on parts that it has not seen: `npm run bench -- panel --data SETS --init WEIGHTS --output FOLDER [--plan NAME]
// [--engine onnx]`.
// Sets are left out, backbones trained on the others, and PatchCore and PaDiM compared with both weights on what was left out. What is done
// is kept in the output folder: a run that was stopped continues.
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeAtomically } from '@tab/core/node'
import { benchmark } from '@tab/pipeline/node'
import { backboneName, recipeFigures, REFERENCE, setFigures, type SetFigure } from './panel/figures.ts'
import { isPlan, panelPage } from './panel/page.ts'
import { foldsOf, PLANS, type PanelPlan } from './panel/plans.ts'
import { openSets } from './panel/sets.ts'
import { isEngine, trainRecipe } from './panel/train.ts'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    init: { type: 'string' },
    output: { type: 'string' },
    plan: { type: 'string', default: 'reduced' },
    engine: { type: 'string' },
  },
})
const { data, init, plan: name, engine } = values
if (!data || !init || !values.output || !isPlan(name) || !isEngine(engine)) {
  console.error(
    `usage: npm run bench -- panel --data SETS --init WEIGHTS --output FOLDER [--plan ${Object.keys(PLANS).join('|')}] [--engine onnx]`,
  )
  process.exit(2)
}
const output = resolve(values.output)
const plan: PanelPlan = PLANS[name]
await mkdir(output, { recursive: true })
const folders = await openSets([...plan.sets, ...plan.unseen], { data, output })
const folderOf = (set: string): string => folders.get(set) as string

const figures: SetFigure[] = []
// Sets that no training sees are judged with one that leaves nothing else out: the one that is shipped.
for (const [fold, left] of [[], ...foldsOf(plan)].entries()) {
  const learned = plan.sets.filter((set) => !left.includes(set))
  const judged = left.length > 0 ? left : plan.unseen
  const without = fold === 0 ? 'nothing' : plan.folds === plan.sets.length ? (left[0] as string) : `fold-${fold}`
  const backbones = []
  for (const recipe of plan.recipes) {
    for (const seed of plan.trainingSeeds) {
      const place = { data: learned.map(folderOf), init, runs: join(output, 'runs', name), without, seed, engine }
      backbones.push({ name: backboneName(recipe, seed), weights: await trainRecipe(recipe, place) })
    }
  }
  const result = await benchmark(
    {
      output: join(output, 'benchmark', name, without),
      cache: join(output, 'features', without),
      datasets: judged.map((set) => ({ name: set, path: folderOf(set) })),
      backbones: [{ name: REFERENCE, weights: init }, ...backbones],
      detectors: plan.detectors,
      shots: plan.shots,
      seeds: plan.subsetSeeds,
    },
    {
      onRow: ({ name: { dataset, backbone, shots, seed } }) =>
        process.stderr.write(`  ${dataset}, ${backbone}, ${shots} normals, subset ${seed}\n`),
    },
  )
  for (const { name: cell, error } of result.failed)
    console.error(`${cell.dataset}, ${cell.backbone}: ${error.message}`)
  figures.push(...setFigures(plan.recipes, plan.trainingSeeds, result))
}
const sums = recipeFigures(figures)
const page = panelPage(name, plan, sums, figures)
await writeAtomically(join(output, 'panel.md'), page)
await writeAtomically(
  join(output, 'panel.json'),
  `${JSON.stringify({ schema: 'tab.panel/1', plan: name, ...plan, sums, figures }, null, 2)}\n`,
)
console.log(page.slice(0, page.indexOf('## Each set')))
