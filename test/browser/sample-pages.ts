import { createRng } from '@tab/core'
import type { StepRecord } from '@tab/model/training'
import type { CellResult, Comparison, ModelCard } from '@tab/pipeline/results'
import { summarise } from '@tab/pipeline/results'
import { benchmarkFiles, curvesPage } from '@tab/report'

const BACKBONES = ['ImageNet', 'TAB, pre-trained on all categories of the plant', 'random']
const SHOTS = [1, 2, 4, 10, 'full'] as const

/** The page of a benchmark with long names, high figures whose ticks have many digits, dashes and notes. */
export function sampleBenchmarkPage(): string {
  const rng = createRng(1)
  const cells = BACKBONES.flatMap((backbone, which) =>
    SHOTS.flatMap((shots, step) =>
      [0, 1].map((seed): CellResult => {
        const gain = 0.0004 * step + 0.0001 * which + 0.00005 * rng()
        return {
          schema: 'tab.cell/1',
          name: { dataset: 'brushed metal', category: '', backbone, detector: 'PatchCore', shots, seed },
          metrics: { imageAuroc: 0.997 + gain, pixelAuroc: 0.91 + gain, aupro: step === 0 ? null : 0.7 + 100 * gain },
          notes: ['brushed metal: 3 of 120 masks have no pixel left at 224 × 224 px'],
          cost: { fitSeconds: 12.3, millisecondsPerImage: 31.4, megabytes: 15.2, bankSize: 12_345 },
          weights: 'digest',
        } as unknown as CellResult
      }),
    ),
  )
  const comparisons = BACKBONES.slice(1).map((backbone): Comparison => ({
    dataset: 'brushed metal',
    detector: 'PatchCore',
    shots: 10,
    backbone,
    reference: 'ImageNet',
    difference: 0.0212,
    interval: [-0.0104, 0.0511],
    pValue: 0.21,
    better: 2,
    seeds: 2,
  }))
  const files = benchmarkFiles({
    cells,
    rows: summarise(cells),
    comparisons,
    published: [],
    madeBy: 'tab 0.1.0',
  })
  return files['report.html']
}

/** The page of a pre-training of many steps: ticks of six digits, losses above a thousand, tiny learning rates. */
export function sampleCurvesPage(): string {
  const rng = createRng(2)
  const history = Array.from({ length: 60 }, (_, index): StepRecord => {
    const step = (index + 1) * 2000
    const falling = Math.exp(-index / 20)
    return {
      step,
      loss: 12_000 * falling + 300 * rng(),
      terms: { stateAlignment: 0.9995 + 0.0004 * falling, separation: 2 * falling + 0.1 * rng() },
      temperature: 0.07 - index * 1e-5,
      learningRate: 1e-4 * falling,
      gradientNorm: 9 * falling + rng(),
      imagesPerSecond: 4 + rng(),
      waitedSeconds: 0.1,
      ...(index % 10 === 9 ? { validation: 1 - 0.3 * falling } : {}),
    }
  })
  const card = {
    architecture: 'wide_resnet50_2',
    classes: [{ name: 'brushed_metal' }, { name: 'machined_washers_of_the_second_line' }],
    steps: 120_000,
    settings: {
      pairs: 8,
      accumulate: 2,
      imageSize: 224,
      losses: { stateAlignment: 1, separation: 0.5 },
      learningRate: 1e-4,
      headLearningRate: 1e-3,
      clipNorm: 1,
    },
    anomalies: 'mixture of all kinds',
    textModel: 'Xenova/clip-vit-base-patch16@0123456789abcdef0123456789abcdef01234567',
    engine: { name: 'node', version: '4.22.0', threads: 8 },
    seed: 7,
    validation: { first: 0.7, last: 0.98, every: 10, images: { normal: 12, synthetic: 24 } },
    madeBy: 'tab 0.1.0',
  } as unknown as ModelCard
  return curvesPage(history, card)
}
