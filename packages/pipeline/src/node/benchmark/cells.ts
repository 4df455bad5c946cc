import { TabError } from '@tab/core'
import type { LayoutName } from '@tab/data'
import { layersOf, type LearningSpec } from '../../spec/detector-spec.ts'
import { usualBatchSize } from '../../usual-batch-size.ts'
import { cellText, type CellName } from '../../results/cell-name.ts'
import type { BackboneSpec } from '../../spec/backbone-spec.ts'
import type { BenchmarkConfig } from '../../spec/benchmark-spec.ts'

/** One evaluation: everything that it takes to run it, as plain data. */
export interface Cell {
  readonly name: CellName
  /** Folder of the data set. */
  readonly path: string
  readonly layout: LayoutName | undefined
  readonly backbone: BackboneSpec
  /** What finds the weights again; once they are on the disk. */
  readonly weights?: string
  readonly detector: LearningSpec
  /** All feature layers that the benchmark's detectors take. */
  readonly layers: readonly string[]
  readonly imageSize: readonly [number, number]
  readonly crop: readonly [number, number] | undefined
  readonly batchSize: number
}

/** A data set, or a category of one. */
export interface CellData {
  readonly dataset: string
  readonly category: string
  readonly path: string
  readonly layout: LayoutName | undefined
  /** Good training images. */
  readonly normals: number
}

type Named = Pick<Cell, 'name' | 'path'>

/**
 * The cells of a config, those of one data set and backbone one after the other; shots that a data set has too few normal images for are
 * left out.
 * @throws INVALID_DATA when two cells have one name, or none is left
 */
export function cellsOf(config: BenchmarkConfig, data: readonly CellData[]): Cell[] {
  const wanted = new Set(config.detectors.flatMap((detector) => layersOf(detector)))
  const layers = [...wanted].sort()
  const cells: Cell[] = []
  for (const { dataset, category, path, layout, normals } of data) {
    for (const backbone of config.backbones) {
      for (const seed of config.seeds) {
        for (const { name, shots: only, ...detector } of config.detectors) {
          for (const shots of config.shots) {
            if (only && !only.includes(shots)) continue
            if (shots !== 'full' && shots > normals) continue
            cells.push({
              name: {
                dataset,
                category,
                backbone: backbone.name,
                detector: name ?? detector.method,
                shots,
                seed,
              },
              path,
              layout,
              backbone: filledIn(backbone, { seed: String(seed), dataset, category }),
              detector,
              layers,
              imageSize: config.imageSize,
              crop: config.crop,
              batchSize: config.batchSize ?? usualBatchSize(config.crop ?? config.imageSize),
            })
          }
        }
      }
    }
  }
  if (cells.length === 0) {
    throw new TabError('INVALID_DATA', {
      where: 'benchmark',
      expected:
        'at least one cell; the detectors must take some of the shots, and a data set must have as many good training images',
      actual: `shots ${config.shots.join(', ')} with ${data.map(({ normals }) => normals).join(', ')} images`,
    })
  }
  const named = new Map<string, Cell>()
  for (const cell of cells) {
    const text = cellText(cell.name)
    const other = named.get(text)
    if (other) {
      throw new TabError('INVALID_DATA', {
        where: 'benchmark',
        expected: 'cells of different names',
        actual: `${text} twice: ${remedy(config, cell, other)}`,
      })
    }
    named.set(text, cell)
  }
  return cells
}

/** What tells two cells of one name apart. */
function remedy(config: BenchmarkConfig, cell: Named, other: Named): string {
  const isTwice = <T>(values: readonly T[], value: T): boolean => values.filter((each) => each === value).length > 1
  if (cell.path !== other.path)
    return `two data sets have this name, ${other.path} and ${cell.path}; give one a name in a config`
  const { backbone, seed, shots, dataset } = cell.name
  if (
    isTwice(
      config.datasets.map(({ path }) => path),
      cell.path,
    )
  ) {
    return `the data set ${dataset} is listed twice`
  }
  if (
    isTwice(
      config.backbones.map(({ name }) => name),
      backbone,
    )
  ) {
    return 'give each backbone a name, as NAME=PATH'
  }
  if (isTwice(config.seeds, seed)) return `seed ${seed} is listed twice`
  if (isTwice(config.shots, shots)) return `shots ${shots} are listed twice`
  return 'give detectors names, or restrict their shots'
}

function filledIn(backbone: BackboneSpec, values: Readonly<Record<string, string>>): BackboneSpec {
  if ('random' in backbone) return backbone
  const weights = backbone.weights.replace(/\{(seed|dataset|category)\}/g, (_, key: string) => values[key] as string)
  return { ...backbone, weights }
}
