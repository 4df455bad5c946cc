/**
 * The learning rate of a step as a share of the largest: linear from above 0 to 1 in the warm-up, then half a cosine to 0, by the step
 * and not by the epoch.
 * @param step from 0
 * @param warmup share of the steps
 */
export function warmupCosine(step: number, steps: number, warmup: number): number {
  const rising = Math.round(warmup * steps)
  if (step < rising) return (step + 1) / rising
  return 0.5 * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)))
}
