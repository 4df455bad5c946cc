import type { Calibration } from '@tab/adapters'

/** What a threshold promises, in words: a rate only where one is guaranteed. */
export function promiseOf({ guaranteedRate, scores }: Pick<Calibration, 'guaranteedRate' | 'scores'>): string {
  const [source, promise] =
    guaranteedRate === null
      ? ['scored by fits without them', 'How many good ones are called anomalous is not guaranteed.']
      : [
          'that the detector had not seen',
          `On average at most ${Number((100 * guaranteedRate).toPrecision(3))}\u00a0% of good ones are called anomalous.`,
        ]
  return `The threshold comes from ${scores.length} good pieces ${source}. ${promise} The threshold says nothing about missed defects.`
}
