import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { writeAtomically } from '@tab/core/node'
import { averageBackbones, loadBackbone, saveBackbone } from '@tab/model'
import { ENGINE_NAMES, type TrainingEngine } from '@tab/pipeline'
import { pretrain } from '@tab/pipeline/node'
import type { Recipe } from './plans.ts'
import { exists } from './sets.ts'

export interface TrainingPlace {
  /** Folders of the sets that are trained on. */
  readonly data: readonly string[]
  readonly init: string
  /** Folder of all trainings. */
  readonly runs: string
  /** What is left out, in a word. */
  readonly without: string
  readonly seed: number
  readonly engine?: TrainingEngine | undefined
}

/** Whether a word names an engine, or none is named. */
export const isEngine = (name: string | undefined): name is TrainingEngine | undefined =>
  name === undefined || (ENGINE_NAMES as readonly string[]).includes(name)

/**
 * Weights of a recipe, trained where they are not yet there; a training that was stopped resumes.
 * @returns path of the weights
 */
export async function trainRecipe({ training, share }: Recipe, place: TrainingPlace): Promise<string> {
  const { data, init, runs, without, seed, engine } = place
  const label = [training.preset, training.anomalies, training.textModel && basename(training.textModel)]
  const settings = Object.entries(training.settings ?? {}).map((entry) => entry.join('-'))
  const name = [...label, ...settings, `without-${without}`, `seed-${seed}`].filter(Boolean).join('_')
  const output = join(runs, name.replace(/[^\w@.-]+/g, '-'))
  if (!(await exists(join(output, 'model-card.json')))) {
    const resume = await exists(join(output, 'checkpoint', 'state.safetensors'))
    process.stderr.write(
      `${output}: ${resume ? 'resumed' : 'begun'} on ${data.map((path) => basename(path)).join(', ')}\n`,
    )
    await pretrain(
      { data, init, output, seed, engine, ...training, workers: 0, resume, overwrite: true },
      {
        onStep: ({ step, loss }) =>
          step % 20 === 0 && process.stderr.write(`  step ${step}, loss ${loss.toFixed(4)}\n`),
      },
    )
  }
  const trained = join(output, 'backbone.safetensors')
  if (share === 1) return trained
  const path = join(output, `share-${share}.safetensors`)
  if (!(await exists(path))) {
    const read = async (file: string) => loadBackbone(await readFile(file)).backbone
    await writeAtomically(path, saveBackbone(averageBackbones(await read(init), await read(trained), share)))
  }
  return path
}
