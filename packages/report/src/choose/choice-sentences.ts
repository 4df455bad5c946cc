import type { Choice, MeasuredCandidate } from '@tab/pipeline/results'
import { figureText, msText } from './choice-table.ts'

/** What a choice says, a sentence or two each, in plain words: what it stands on, what was chosen, the smallest defect, how many images are enough. */
export function choiceSentences(choice: Choice): string[] {
  const { candidates, chosen, images, judgedBy, photograph } = choice
  const { fitted, good, synthetic, real } = images
  const on =
    judgedBy === 'real'
      ? `${counted(real, 'defective photograph')} of the data set`
      : `${counted(synthetic, 'synthetic defect')}`
  const basis =
    `Fitted on ${counted(fitted, 'good image')} of ${photograph.join(' x ')} px, judged on ${good} others and ${on}` +
    `${judgedBy === 'real' && synthetic > 0 ? `; smallest defects by ${synthetic} synthetic ones` : ''}.`
  const found = candidates.find(({ name }) => name === chosen)
  if (!found) return [basis, 'No candidate is within the limits.']
  return [basis, choiceSentence(found), defectSentence(found), curveSentence(choice)].filter(
    (sentence) => sentence !== undefined,
  )
}

function choiceSentence(chosen: MeasuredCandidate): string {
  const { name, real, synthetic, cost, gap } = chosen
  const quality = real ?? synthetic
  const costs =
    `${msText(cost.milliseconds)} ms per image on this machine (${msText(cost.readMilliseconds)} of them reading it), ` +
    `${cost.megabytes.toFixed(2)} MB`
  const said = `Chosen: ${name}. Image AUROC ${quality ? figureText(quality.imageAuroc) : 'unknown'}, ${costs}.`
  if (!gap || gap.difference === 0) return said
  const [low, high] = gap.interval
  const on = gap.on === 'real' ? 'the defects of the data set' : 'synthetic defects'
  return (
    `${said} ${gap.best} is ${gap.difference.toFixed(3)} better on ${on}, by an interval of ${signed(low)} to ${signed(high)}: ` +
    'no difference that can be told from these images, so the cheaper one is taken.'
  )
}

function defectSentence({ threshold, smallestDefect, found, falseAlarms }: MeasuredCandidate): string | undefined {
  if (!threshold || !found || found.length === 0) {
    return threshold
      ? undefined
      : 'There are too few good images for a threshold, so nothing is said of the smallest defect.'
  }
  const promise = `${Number((100 * threshold.rate).toPrecision(2))} % of good parts${threshold.isGuaranteed ? ' at most' : ', not guaranteed'}`
  const alarms = falseAlarms ? `; here ${falseAlarms.found} of ${falseAlarms.of} good images were false alarms` : ''
  const smallest =
    smallestDefect === null
      ? `Not even the widest synthetic defects (${found.at(-1)?.width} px) are found in nine cases of ten`
      : `Spots and scratches from ${smallestDefect} px of the photograph on are found in nine cases of ten`
  const hint =
    smallestDefect === null
      ? ' A single odd photograph among the good ones can draw the threshold this high: see its suspects.'
      : ''
  return `${smallest}, at the threshold that tab fit draws (false alarms on about ${promise}${alarms}).${hint}`
}

function curveSentence({ curve, images }: Choice): string | undefined {
  const last = curve?.points.at(-1)
  if (!curve || !last) return undefined
  if (curve.enough !== null) {
    return `${counted(curve.enough, 'good image')} would be enough: with all ${images.fitted} the image AUROC is no more than 0.01 higher.`
  }
  if (curve.isCutShort) return 'How many good images would be enough was not measured to the end, for lack of time.'
  if (curve.points.length < 2) return undefined
  return `${counted(images.fitted, 'good image')} may not be enough: the image AUROC still rises with the last of them.`
}

function signed(value: number): string {
  return `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(3)}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
