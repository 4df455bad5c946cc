import type { Choice, Figure, MeasuredCandidate } from '@tab/pipeline/results'

/** What a choice says of each candidate, as text. */
export interface ChoiceTable {
  /** The first is of the name. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A row for each candidate, from the best down. */
export function choiceTable({ candidates, judgedBy }: Choice): ChoiceTable {
  const isBoth = judgedBy === 'real' && candidates.some(({ synthetic }) => synthetic !== null)
  const quality = ({ real, synthetic }: MeasuredCandidate) => real ?? synthetic
  const valueOf = (candidate: MeasuredCandidate): number => quality(candidate)?.imageAuroc.value ?? 0
  const syntheticOf = ({ synthetic }: MeasuredCandidate): number => synthetic?.imageAuroc.value ?? 0
  // Without masks of the defects there are none.
  const isByPixels = candidates.some((candidate) => quality(candidate)?.pixelAuroc)
  return {
    columns: [
      ...['candidate', 'image AUROC (95 %)', ...(isBoth ? ['on synthetic defects'] : [])],
      ...(isByPixels ? ['pixel AUROC', 'AUPRO 0.3'] : []),
      ...['smallest defect', 'false alarms', 'ms', 'MB', 'standing'],
    ],
    rows: [...candidates]
      .sort((left, right) => valueOf(right) - valueOf(left) || syntheticOf(right) - syntheticOf(left))
      .map((candidate) => {
        const { name, falseAlarms, smallestDefect, found, cost, standing, synthetic } = candidate
        const own = quality(candidate)
        return [
          name,
          own ? figureText(own.imageAuroc) : '–',
          ...(isBoth ? [synthetic?.imageAuroc.value.toFixed(3) ?? '–'] : []),
          ...(isByPixels ? [own?.pixelAuroc?.value.toFixed(3) ?? '–', own?.aupro?.value.toFixed(3) ?? '–'] : []),
          smallestDefect === null ? (found && found.length > 0 ? 'none' : '–') : `${smallestDefect} px`,
          falseAlarms ? `${falseAlarms.found} of ${falseAlarms.of}` : '–',
          msText(cost.milliseconds),
          cost.megabytes.toFixed(cost.megabytes < 10 ? 2 : 1),
          standing,
        ]
      }),
  }
}

/** A value with its interval, as `0.941 (0.900–0.972)`. */
export function figureText({ value, interval }: Figure): string {
  const range = interval ? ` (${interval.map((bound) => bound.toFixed(3)).join('–')})` : ''
  return `${value.toFixed(3)}${range}`
}

/** Milliseconds with the digits that count. */
export function msText(milliseconds: number): string {
  return milliseconds.toFixed(milliseconds < 10 ? 1 : 0)
}
