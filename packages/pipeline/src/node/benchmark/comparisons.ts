import { throwIfAborted, type LongTaskOptions } from '@tab/core'
import { auroc, pairedBootstrap } from '@tab/metrics'
import type { CellResult } from '../../results/cell-result.ts'
import type { Comparison } from '../../results/comparison.ts'
import { grouped } from '../../results/summary.ts'

const RESAMPLES = 1000

/**
 * Compares every backbone with the first. Test images are resampled, within defect types and categories, alike for both backbones and all
 * seeds; the spread over seeds is next to it, not in it.
 */
export async function compareBackbones(
  results: readonly CellResult[],
  { signal, onProgress }: LongTaskOptions,
): Promise<Comparison[]> {
  const comparisons: Comparison[] = []
  const groups = grouped(results, ({ name }) => [name.dataset, name.detector, name.shots])
  for (const [index, group] of groups.entries()) {
    throwIfAborted('benchmark', signal)
    const [reference, ...others] = grouped(group, ({ name }) => [name.backbone]) as [CellResult[], ...CellResult[][]]
    for (const other of others) {
      const comparison = await compare(other, reference, signal)
      if (comparison) comparisons.push(comparison)
    }
    onProgress?.({ phase: 'compare', done: index + 1, total: groups.length })
  }
  return comparisons
}

/** Undefined where some cell has no AUROC, or the two do not have the same cells and images. */
async function compare(
  cells: readonly CellResult[],
  others: readonly CellResult[],
  signal: AbortSignal | undefined,
): Promise<Comparison | undefined> {
  const pairs = cells.map((cell) => ({ cell, reference: others.find((other) => isComparable(other, cell)) }))
  if (!pairs.every(({ cell, reference }) => reference && cell.metrics.imageAuroc !== null)) return undefined
  const references = pairs.map(({ reference }) => reference as CellResult)
  // The images of all categories one after the other; every seed scores the same ones.
  const categories = grouped(cells, ({ name }) => [name.category]).map(([cell]) => cell as CellResult)
  const images = categories.flatMap(({ name, defects }, category) =>
    defects.map((defect, place) => ({
      category,
      place,
      label: defect === 'good' ? 0 : 1,
      stratum: `${name.category}/${defect}`,
    })),
  )
  const statistic = (of: readonly CellResult[]) => {
    const byCategory = categories.map(({ name }) => of.filter((cell) => cell.name.category === name.category))
    return (sample: Uint32Array): number => {
      const places = categories.map((): number[] => [])
      const labels = categories.map((): number[] => [])
      for (const index of sample) {
        const { category, place, label } = images[index] as (typeof images)[number]
        places[category]?.push(place)
        labels[category]?.push(label)
      }
      const values = byCategory.flatMap((own, category) =>
        own.map(({ scores }) => {
          const drawn = places[category] as number[]
          return auroc(
            drawn.map((place) => scores[place] as number),
            labels[category] as number[],
          )
        }),
      )
      return values.reduce((sum, value) => sum + value, 0) / values.length
    }
  }
  const strata = images.map(({ stratum }) => stratum)
  const [{ name }] = cells as [CellResult]
  const [{ name: other }] = others as [CellResult]
  const { difference, interval, pValue } = await pairedBootstrap(strata, statistic(cells), statistic(references), {
    seed: `${name.dataset} ${name.detector} ${name.shots}`,
    resamples: RESAMPLES,
    signal,
  })
  const seeds = grouped(pairs, ({ cell }) => [cell.name.seed])
  const meanDifference = (seed: typeof pairs): number =>
    seed.reduce(
      (sum, { cell, reference }) => sum + (cell.metrics.imageAuroc ?? 0) - (reference?.metrics.imageAuroc ?? 0),
      0,
    )
  return {
    dataset: name.dataset,
    detector: name.detector,
    shots: name.shots,
    backbone: name.backbone,
    reference: other.backbone,
    difference,
    interval,
    pValue,
    better: seeds.filter((seed) => meanDifference(seed) > 0).length,
    seeds: seeds.length,
  }
}

/** Whether two results are of the same data, images and seed. */
function isComparable(left: CellResult, right: CellResult): boolean {
  return (
    left.name.category === right.name.category &&
    left.name.seed === right.name.seed &&
    left.metrics.imageAuroc !== null &&
    left.defects.join() === right.defects.join()
  )
}
