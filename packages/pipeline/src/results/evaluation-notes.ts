import type { TableRow } from '@tab/metrics'
import type { EvaluationResults } from './evaluation-results.ts'
import { warningLines } from './warning-lines.ts'

const SHOWN: Readonly<Record<string, string>> = {
  'image.auroc': 'image AUROC',
  'pixel.auroc': 'pixel AUROC',
  'pixel.aupro 0.3': 'AUPRO 0.3',
}
const MOST_NAMES = 5

/**
 * What must be read with the figures of a run, a line each: why one is a dash, what was left out, and warnings of the data set.
 * @example
 * ```ts
 * import { evaluate } from '@tab/pipeline/node'
 * import { notesOf } from '@tab/pipeline/results'
 *
 * const backbones = [{ name: 'untrained', random: 'resnet18' }] as const
 * const small = { imageSize: [64, 64], pixelMetrics: 'bounded' } as const
 * const { runs } = await evaluate({ data: 'washers', backbones, output: 'noted', ...small })
 * const [note] = runs.flatMap(({ results }) => notesOf(results))
 * console.log(note?.split(';')[0]) // pixel metrics are bounded: scores in 16777216 bins
 * ```
 */
export function notesOf({ metrics, run }: EvaluationResults): string[] {
  const rows = [...metrics.byDefectType, metrics.overall]
  return [
    ...undefinedNotes(metrics.undefinedMetrics, rows),
    ...missingMaskNotes(metrics.byDefectType, metrics.overall),
    ...(run.pixelMetrics.method === 'bounded' && rows.some(({ pixel }) => pixel !== null && pixel.auroc !== null)
      ? [
          `pixel metrics are bounded: scores in ${run.pixelMetrics.bins} bins; ` +
            `pixel AUROC and AUPRO 0.3 are at most ${roundedUp(run.pixelMetrics.errorBound)} from the exact values`,
        ]
      : []),
    ...(run.skipped.length > 0
      ? [`${count(run.skipped.length, 'unreadable image')} skipped: ${someOf(run.skipped)}`]
      : []),
    ...warningLines(run.warnings),
  ]
}

function undefinedNotes(
  undefinedMetrics: EvaluationResults['metrics']['undefinedMetrics'],
  rows: readonly TableRow[],
): string[] {
  const groups = new Map<string, { metrics: Set<string>; rows: Set<string> }>()
  const allLast = [...undefinedMetrics].sort(
    (left, right) => Number(left.defectType === null) - Number(right.defectType === null),
  )
  for (const { defectType, metric, reason } of allLast) {
    const name = SHOWN[metric]
    if (name === undefined) continue
    const row = rows.find((other) => other.defectType === defectType)
    const lacksMasks = metric !== 'image.auroc' && row !== undefined && row.imagesWithoutMask === row.anomalousImages
    const why = lacksMasks && row.anomalousImages > 0 ? 'undefined without masks of the defects' : shortened(reason)
    const group = groups.get(why) ?? { metrics: new Set(), rows: new Set() }
    groups.set(why, group)
    group.metrics.add(name)
    group.rows.add(defectType ?? 'all')
  }
  return [...groups].map(
    ([why, group]) => `– ${[...group.metrics].join(', ')} of ${[...group.rows].join(', ')}: ${why}`,
  )
}

/** Without the name of the function and the counts, which differ from row to row. */
function shortened(reason: string): string {
  return reason.replace(/^[\w ]+: /, '').replace(/, got .*$/, '')
}

function missingMaskNotes(types: readonly TableRow[], overall: TableRow): string[] {
  const missing = overall.imagesWithoutMask ?? 0
  if (missing === 0 || missing === overall.anomalousImages) return []
  const each = types
    .filter(({ imagesWithoutMask }) => (imagesWithoutMask ?? 0) > 0)
    .map(
      ({ defectType, imagesWithoutMask, anomalousImages }) =>
        `${defectType} (${imagesWithoutMask} of ${anomalousImages})`,
    )
  return [`pixel metrics leave out ${count(missing, 'defective image')} without a mask: ${each.join(', ')}`]
}

/** The next power of ten. */
function roundedUp(bound: number): string {
  return bound === 0 ? '0' : (10 ** Math.ceil(Math.log10(bound))).toExponential(0)
}

/** The first few of a list of names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES
  return names.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
