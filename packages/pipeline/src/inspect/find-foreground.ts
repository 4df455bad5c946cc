import type { ForegroundOf } from '@tab/adapters'

/** The part in an image on a ground of one colour, as `foregroundMask` of `@tab/synth` finds it; loaded by those who look at the part alone. */
export const findForeground: ForegroundOf = async (image) => {
  const { foregroundMask } = await import('@tab/synth')
  return foregroundMask(image)
}
