import type { Figures } from './score.ts'

/** A fit and what came of it. */
export interface Row extends Figures {
  readonly set: string
  readonly backbone: string
  readonly variant: string
  readonly normals: number
  readonly seed: number
}

/** What tells rows apart. */
export function rowKey({ set, backbone, variant, normals, seed }: Omit<Row, keyof Figures>): string {
  return [set, backbone, variant, normals, seed].join(' | ')
}

/** Tables of means over seeds: of each set and backbone, and over all sets that have every variant. */
export function tables(rows: readonly Row[]): string {
  const distinct = <T>(values: readonly T[]): T[] => [...new Set(values)]
  const backbones = distinct(rows.map(({ backbone }) => backbone))
  const sets = distinct(rows.map(({ set }) => set))
  const lines: string[] = []
  for (const backbone of backbones) {
    for (const set of sets) {
      const own = rows.filter((row) => row.backbone === backbone && row.set === set)
      if (own.length > 0) lines.push(`## ${set}, ${backbone}`, '', ...table(own), '')
    }
  }
  return lines.join('\n')
}

function table(rows: readonly Row[]): string[] {
  const numbers = [...new Set(rows.map(({ normals }) => normals))].sort((left, right) => left - right)
  const variants = [...new Set(rows.map(({ variant }) => variant))]
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [
    line(['image AUROC (pixel AUROC / AUPRO)', ...numbers.map((count) => `${count} normal${count > 1 ? 's' : ''}`)]),
    line(['---', ...numbers.map(() => '---')]),
    ...variants.flatMap((variant) =>
      (['max', 'top1'] as const).map((way) =>
        line([
          `${variant}, ${way === 'max' ? 'highest patch' : 'top 1 %'}`,
          ...numbers.map((normals) => {
            const same = rows.filter((row) => row.variant === variant && row.normals === normals)
            if (same.length === 0) return ''
            const image = mean(same.map(({ imageAuroc }) => imageAuroc[way]))
            if (way === 'top1') return image
            return `${image} (${mean(same.map(({ pixelAuroc }) => pixelAuroc))} / ${mean(same.map(({ aupro }) => aupro))})`
          }),
        ]),
      ),
    ),
  ]
}

function mean(values: readonly number[]): string {
  return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3).replace(/^0/, '')
}
