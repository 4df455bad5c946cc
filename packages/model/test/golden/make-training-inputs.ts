/**
 * Writes training-inputs.json, what make_training.py cannot compute: settings, first weights of the heads and the order of the images, which
 * follow from our seeds. Run before it: node --conditions=@tab/source --import=tsx packages/model/test/golden/make-training-inputs.ts
 */
import { writeFileSync } from 'node:fs'
import { selectEngine } from '@tab/backend-tfjs/node'
import { pretrain } from '@tab/model/training'
import { TRAININGS, tinyTraining } from '../tiny-training.ts'

await selectEngine({ prefer: ['wasm'], threads: 1 })
const inputs: Record<string, unknown> = {}
for (const [name, settings] of Object.entries(TRAININGS)) {
  const still = { ...settings, learningRate: 0, headLearningRate: 0 }
  const { options, asked } = tinyTraining(still)
  const { alignment } = await pretrain(options)
  const heads = Object.fromEntries(
    [...alignment.heads].map(([head, { shape, data }]) => [head, { shape, data: [...data] }]),
  )
  const order = asked.slice(0, settings.steps * settings.accumulate * settings.pairs)
  inputs[name] = { settings, heads, order }
}
writeFileSync(new URL('training-inputs.json', import.meta.url), `${JSON.stringify(inputs)}\n`)
