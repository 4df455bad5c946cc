import { createRng } from '@tab/core'
import type { StepRecord } from '@tab/model/training'
import type { CellResult, Comparison, MeasuredCandidate, ModelCard } from '@tab/pipeline/results'
import { summarise } from '@tab/pipeline/results'
import { benchmarkFiles, choicePage, curvesPage } from '@tab/report'

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

/** The page of a choice with long names, figures of one, none found, a curve that is flat, and much that was not tried. */
export function sampleChoicePage(): string {
  const backbone = 'DINOv2 small, of the hub, without registers'
  const quality = (value: number) => ({
    imageAuroc: { value, interval: [value - 0.0811, value] as const },
    pixelAuroc: { value: 0.9876, interval: [0.9712, 0.9923] as const },
    aupro: { value: 0.9123, interval: null },
  })
  const candidates = [224, 352, 448].map((side, index): MeasuredCandidate => ({
    name: `patchcore, mean of the top 1 %, ${side} x ${side} px, ${backbone}`,
    backbone,
    detector: { method: 'patchcore', imageScore: { topShare: 0.01 } },
    imageSize: [side, side],
    tiles: null,
    reading: 'fast',
    synthetic: quality(0.9 + index / 100),
    real: quality(1),
    threshold: { value: 12.3456, rate: 1 / 14, isGuaranteed: index === 0 },
    falseAlarms: { found: index, of: 30 },
    found: [4, 8, 16, 32, 64, 128].map((width, step) => ({ width, found: 2 * step, of: 10 })),
    smallestDefect: index === 0 ? null : 128,
    cost: { milliseconds: 1234.5, readMilliseconds: 9.87, megabytes: 123.4, bankSize: 54_321, fitSeconds: 98.7 },
    standing: (['as good', 'chosen', 'over the limits'] as const)[index] as 'chosen',
    gap: index === 1 ? { best: backbone, on: 'real', difference: 0.0021, interval: [-0.0104, 0.0311] } : null,
  }))
  const chosen = candidates[1]?.name as string
  const fit = {
    data: '/line/3/photographs of washers',
    backbone: 'onnx-community/dinov2-small',
    output: 'w.safetensors',
  }
  return choicePage({
    schema: 'tab.choice/1',
    dataset: 'machined_washers_of_the_second_line',
    photograph: [3000, 4000],
    images: { fitted: 25, good: 30, synthetic: 60, real: 17 },
    judgedBy: 'real',
    limits: { milliseconds: 50, megabytes: 200, minutes: 10 },
    candidates,
    untried: candidates.map(({ name }) => ({ name: `${name}, tiles of 512 x 512 px`, reason: 'no time was left' })),
    chosen,
    nearest: null,
    curve: {
      on: 'synthetic',
      points: [1, 2, 3, 5, 8, 12, 20, 25].map((images) => ({ images, value: 1, interval: [1, 1], draws: [1, 1] })),
      enough: 1,
      isCutShort: false,
    },
    fit,
    command: `tab fit --data '/line/3/photographs of washers' --backbone ${fit.backbone} --output w.safetensors`,
    notes: ['only 9 good images could be judged, so the intervals are wide'],
    madeBy: 'tab 0.1.0',
  })
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
