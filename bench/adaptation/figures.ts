import { auroc, pairedBootstrap } from '@tab/metrics'
import { grouped, type CellResult } from '@tab/pipeline/results'

export const PLAIN = 'PatchCore'
export const ADAPTED = 'PatchCore, adapted'

/** What adaptation is worth on one set, at one number of good images. */
export interface AdaptationFigure {
  readonly set: string
  readonly shots: number | 'full'
  /** Subsets of good images. */
  readonly subsets: number
  /** Mean image AUROC over the subsets. */
  readonly plain: number
  readonly adapted: number
  /** Difference of image AUROC, and 95 % over test images. */
  readonly gain: number
  readonly interval: readonly [number, number]
  /** Difference of each subset. */
  readonly gains: readonly number[]
  readonly pixelGain: number | null
  readonly auproGain: number | null
  /** Seconds of a fit on this machine, features included. */
  readonly fitSeconds: readonly [number, number]
  /** Megabytes of the detector. */
  readonly megabytes: readonly [number, number]
}

const RESAMPLES = 1000

/** Adapted against plain, of the same set, good images and test images. */
export async function adaptationFigures(cells: readonly CellResult[]): Promise<AdaptationFigure[]> {
  const plain = cells.filter(({ name }) => name.detector === PLAIN)
  const groups = grouped(plain, ({ name }) => [name.dataset, name.shots])
  const figures: AdaptationFigure[] = []
  for (const own of groups) {
    const pairs = own.flatMap((cell) => {
      const other = cells.find(
        ({ name }) =>
          name.detector === ADAPTED &&
          name.dataset === cell.name.dataset &&
          name.shots === cell.name.shots &&
          name.seed === cell.name.seed,
      )
      return other ? [{ plain: cell, adapted: other }] : []
    })
    if (pairs.length > 0) figures.push(await figureOf(pairs))
  }
  return figures
}

interface Pair {
  readonly plain: CellResult
  readonly adapted: CellResult
}

async function figureOf(pairs: readonly Pair[]): Promise<AdaptationFigure> {
  const [{ plain: first }] = pairs as [Pair]
  const { dataset, shots } = first.name
  const labels = first.defects.map((defect) => Number(defect !== 'good'))
  const statistic = (side: keyof Pair) => (sample: Uint32Array) => {
    const drawn = [...sample]
    const own = drawn.map((image) => labels[image] as number)
    return mean(
      pairs.map((pair) =>
        auroc(
          drawn.map((image) => pair[side].scores[image] as number),
          own,
        ),
      ),
    )
  }
  const { interval } = await pairedBootstrap(first.defects, statistic('adapted'), statistic('plain'), {
    ...{ seed: `${dataset} ${shots}`, resamples: RESAMPLES },
  })
  const metric = (side: keyof Pair, name: 'imageAuroc' | 'pixelAuroc' | 'aupro'): number | null => {
    const values = pairs.map((pair) => pair[side].metrics[name])
    return values.includes(null) ? null : mean(values as number[])
  }
  const gainOf = (name: 'pixelAuroc' | 'aupro'): number | null => {
    const [adapted, plain] = [metric('adapted', name), metric('plain', name)]
    return adapted === null || plain === null ? null : adapted - plain
  }
  const gains = pairs.map(({ plain, adapted }) => (adapted.metrics.imageAuroc ?? 0) - (plain.metrics.imageAuroc ?? 0))
  const cost = (name: 'fitSeconds' | 'megabytes'): [number, number] => [
    mean(pairs.map(({ plain }) => plain.cost[name])),
    mean(pairs.map(({ adapted }) => adapted.cost[name])),
  ]
  return {
    ...{ set: dataset, shots, subsets: pairs.length },
    plain: metric('plain', 'imageAuroc') as number,
    adapted: metric('adapted', 'imageAuroc') as number,
    ...{ gain: mean(gains), interval, gains, pixelGain: gainOf('pixelAuroc'), auproGain: gainOf('aupro') },
    ...{ fitSeconds: cost('fitSeconds'), megabytes: cost('megabytes') },
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The figures as a Markdown page; sets that the weights have not seen come first. */
export function adaptationPage(figures: readonly AdaptationFigure[], unseen: readonly string[]): string {
  const isUnseen = ({ set }: AdaptationFigure): boolean => unseen.includes(set)
  return `# Adaptation to the part: PatchCore with and without it

Written by \`npm run bench -- adaptation\`: the bundled backbone at 224 px, one neighbour, all patches of up to 10 images in the bank, a tenth beyond; means over
${Math.max(...figures.map(({ subsets }) => subsets))} subsets of good images, the interval (95 %) over test images. These are development sets: the method was chosen on some of them.

## Sets that the weights have not seen

${table(figures.filter(isUnseen))}

## Sets whose good images were in the training of the weights

${table(figures.filter((figure) => !isUnseen(figure)))}
`
}

function table(figures: readonly AdaptationFigure[]): string {
  const head = [
    'set',
    'normals',
    'plain',
    'adapted',
    'gain',
    '95 %',
    'each subset',
    'pixel AUROC',
    'AUPRO',
    'fit',
    'detector',
  ]
  const rows = figures.map((figure) => {
    const { set, shots, plain, adapted, gain, interval, gains, pixelGain, auproGain, fitSeconds, megabytes } = figure
    return [
      ...[set, String(shots), plain.toFixed(3), adapted.toFixed(3), signed(gain), interval.map(signed).join(' to ')],
      gains.map(signed).join(' '),
      ...[pixelGain, auproGain].map((value) => (value === null ? '–' : signed(value))),
      `${fitSeconds.map((value) => value.toFixed(1)).join(', ')} s`,
      `${megabytes.map((value) => value.toFixed(1)).join(', ')} MB`,
    ]
  })
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
