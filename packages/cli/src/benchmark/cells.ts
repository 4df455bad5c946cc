import { TabError } from '@tab/core'
import type { LayoutName } from '@tab/data/node'
import { layersOf, type LearningSpec } from '../setup/detector-spec.ts'
import type { BackboneSpec, BenchmarkConfig, Shots } from './config.ts'

/** What a cell of the table is called. */
export interface CellName {
  readonly dataset: string
  /** Empty for a data set without categories. */
  readonly category: string
  readonly backbone: string
  readonly detector: string
  readonly shots: Shots
  readonly seed: number
}

/** One evaluation: everything that it takes to run it, as plain data. */
export interface Cell {
  readonly name: CellName
  /** Folder of the data set. */
  readonly path: string
  readonly layout: LayoutName | undefined
  readonly backbone: BackboneSpec
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
              batchSize: config.batchSize,
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
  const names = new Set<string>()
  for (const { name } of cells) {
    const text = cellText(name)
    if (names.has(text)) {
      throw new TabError('INVALID_DATA', {
        where: 'benchmark',
        expected: 'cells of different names',
        actual: `${text} twice: give detectors names, or restrict their shots`,
      })
    }
    names.add(text)
  }
  return cells
}

/** A cell as people read it. */
export function cellText({ dataset, category, backbone, detector, shots, seed }: CellName): string {
  const data = category === '' ? dataset : `${dataset}/${category}`
  return `${data}, ${backbone}, ${detector}, ${shots === 'full' ? 'all' : shots} normals, seed ${seed}`
}

function filledIn(backbone: BackboneSpec, values: Readonly<Record<string, string>>): BackboneSpec {
  if ('random' in backbone) return backbone
  const weights = backbone.weights.replace(/\{(seed|dataset|category)\}/g, (_, key: string) => values[key] as string)
  return { ...backbone, weights }
}
