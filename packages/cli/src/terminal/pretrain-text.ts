import { describeJudged, type ModelCard } from '@tab/pipeline/results'

/** The outcome of `tab pretrain` for people. */
export function pretrainText(card: ModelCard, backbone: string): string {
  const { first, best, returned, images } = card.validation
  const told = (value: number | null | undefined): string => value?.toFixed(4) ?? 'none'
  const after = `${told(returned?.value)} after ${returned?.step ?? card.steps} steps`
  const standing = images.normal > 0 ? `, on ${describeJudged(card.validation)}` : '; no image was held out'
  const lines = [`validation AUROC, normal against synthetic: ${told(first)} before, ${after}${standing}`]
  if (best && returned && best.value > returned.value) {
    lines.push(`better on the way: ${told(best.value)} after ${best.step} steps; --patience keeps the best weights`)
  }
  if (card.text === 'no CLIP text') lines.push('no CLIP text: the sentences were embedded by their words alone')
  lines.push(`backbone: ${backbone}`, ...pretrainWarnings(card))
  return `${lines.join('\n')}\n`
}

/** What must not be overlooked. */
export function pretrainWarnings({ validation: { warning } }: ModelCard): string[] {
  return warning === null ? [] : [`warning: ${warning}`]
}
