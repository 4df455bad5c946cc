import { pathToFileURL } from 'node:url'
import { selectEngine } from '@tab/backend-tfjs/node'
import { weightsDigest } from '@tab/model'
import { checkpointFile } from '@tab/model/node'
import { pretrain, type PretrainOptions } from '@tab/model/training'
import { base, settings } from './small-training.ts'

/** The training that a test kills. */
export function killed(): PretrainOptions {
  return {
    ...base(),
    settings: { ...settings, steps: 30, pairs: 2, accumulate: 2, ema: 0.9, batchNorm: 'train' },
    validation: { every: 3, share: 0.3, measure: (scores) => scores[1] as number, patience: 4 },
  }
}

// As a program: node killed-training.ts STATE never|required; prints each step once it is saved or about to be, and the digest at the end.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path, resume] = process.argv.slice(2) as [string, 'never' | 'required']
  await selectEngine({ prefer: ['wasm'], threads: 1 })
  const { backbone } = await pretrain({
    ...killed(),
    checkpoints: { store: checkpointFile(path), every: 1, resume },
    onStep: ({ step }) => console.log(`step ${step}`),
  })
  console.log(weightsDigest(backbone))
}
