import { PLANS, type PanelPlan, type PlanName } from './plans.ts'
import type { RecipeFigure, SetFigure } from './figures.ts'

/** The panel as a Markdown page: the sum first, then every set. */
export function panelPage(
  name: PlanName,
  plan: PanelPlan,
  sums: readonly RecipeFigure[],
  figures: readonly SetFigure[],
): string {
  const { sets, unseen, folds, trainingSeeds, subsetSeeds } = plan
  const each =
    folds === sets.length ? 'each of the others was left out alone' : `the others were left out in ${folds} folds`
  const seen = `${unseen.join(', ')} are in no training${folds === 0 ? '' : `, and ${each}`}`
  return `# The panel: what a pre-training gains on parts that it has not seen

Written by \`npm run bench -- panel --plan ${name}\`. Every figure is of a set that the training did not see:
${seen}.
Gains are differences of image AUROC to the ImageNet weights that the training began with, on the same test images and the same good
images: ${subsetSeeds.length} subset${plural(subsetSeeds)} of them, ${trainingSeeds.length} training${plural(trainingSeeds)}. PatchCore has one neighbour, all patches of up to 10 images, a tenth of 50
and 2 % of all. These are development sets: recipes were chosen on them.

## All sets

The interval is 95 % with the sets as a sample; that of the worst set is over its test images.

${table(
  ['recipe', 'detector', 'normals', 'sets', 'mean gain', '95 %', 'worst set', 'gain', '95 %'],
  sums.map(({ recipe, detector, shots, sets: count, meanGain, interval, worst }) => [
    ...[recipe, detector, String(shots), String(count), signed(meanGain), range(interval)],
    ...[worst.set, signed(worst.gain), range(worst.interval)],
  ]),
)}

## Each set

${table(
  ['set', 'recipe', 'detector', 'normals', 'ImageNet', 'recipe', 'gain', '95 %', 'pixel AUROC', 'AUPRO'],
  figures.map(({ set, recipe, detector, shots, reference, value, gain, interval, pixelGain, auproGain }) => [
    ...[set, recipe, detector, String(shots), plain(reference), plain(value), signed(gain), range(interval)],
    ...[pixelGain, auproGain].map((value) => (value === null ? '–' : signed(value))),
  ]),
)}
`
}

const plural = (items: readonly unknown[]): string => (items.length === 1 ? '' : 's')
const plain = (value: number): string => value.toFixed(3)
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
const range = ([low, high]: readonly [number, number]): string =>
  isFinite(low) ? `${signed(low)} to ${signed(high)}` : '–'

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

export const isPlan = (name: string): name is PlanName => name in PLANS
