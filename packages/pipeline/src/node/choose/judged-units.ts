import type { Sample } from '@tab/data'
import { auroc, type Statistic } from '@tab/metrics'

/** What is resampled for an interval: photographs, each with the copies in which defects are painted. */
export interface JudgedUnits {
  /** Of each photograph; its copies are resampled with it, as they have its peculiarities. */
  readonly members: readonly (readonly number[])[]
  readonly strata: readonly string[]
}

/**
 * Groups scored images by the photograph that they are made from.
 * @param photographOf what tells the photographs apart
 */
export function judgedUnits(samples: readonly Sample[], photographOf: (sample: Sample) => string): JudgedUnits {
  const groups = new Map<string, number[]>()
  samples.forEach((sample, index) => {
    const name = photographOf(sample)
    const group = groups.get(name)
    if (group) group.push(index)
    else groups.set(name, [index])
  })
  const members = [...groups.values()]
  const strata = members.map((indices) =>
    indices.length > 1 ? 'painted on' : (samples[indices[0] as number] as Sample).defect,
  )
  return { members, strata }
}

/** The image AUROC of the photographs at the given places. */
export function aurocOfUnits(
  { members }: JudgedUnits,
  scores: ArrayLike<number>,
  labels: ArrayLike<number>,
): Statistic {
  return (places) => {
    const drawn = Array.from(places).flatMap((place) => members[place] as readonly number[])
    return auroc(
      drawn.map((index) => scores[index] as number),
      drawn.map((index) => labels[index] as number),
    )
  }
}
