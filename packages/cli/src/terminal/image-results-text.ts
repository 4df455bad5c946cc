import Table from 'cli-table3'
import { csvText } from '@tab/report'
import { stringify } from 'csv-stringify/sync'
import { type ImageResult } from '@tab/pipeline/node'
import type { OutputStream } from './terminal.ts'

/** Prints results as they come. */
export interface ResultPrinter {
  print(result: ImageResult): void
  /** After the last result. */
  end(): void
}

export type ResultFormat = 'json' | 'csv' | 'table' | 'lines'

/** A printer: JSON lines, CSV with a head, a table at the end, or a plain line per result. */
export function resultPrinter(format: ResultFormat, stream: OutputStream): ResultPrinter {
  return PRINTERS[format](stream)
}

const CSV_COLUMNS = [
  'path',
  'score',
  'threshold',
  'anomalous',
  'pValue',
  'normalizedScore',
  'heatmap',
  'error',
] as const

const PRINTERS: Readonly<Record<ResultFormat, (stream: OutputStream) => ResultPrinter>> = {
  json: (stream) => ({
    print: (result) => void stream.write(`${JSON.stringify(result)}\n`),
    end: () => undefined,
  }),
  csv(stream) {
    const boolean = (value: boolean): string => String(value)
    stream.write(stringify([CSV_COLUMNS]))
    return {
      print: (result) =>
        void stream.write(stringify([result], { columns: CSV_COLUMNS, cast: { boolean, string: csvText } })),
      end: () => undefined,
    }
  },
  table(stream) {
    const table = new Table({
      head: ['image', 'score', 'threshold', 'verdict', 'p-value'],
      colAligns: ['left', 'right', 'right', 'left', 'right'],
      style: { head: [], border: [] },
    })
    return {
      print: (result) => void table.push(cells(result)),
      end: () => void stream.write(`${table.toString()}\n`),
    }
  },
  lines: (stream) => ({
    print: (result) => void stream.write(`${cells(result).join('  ')}\n`),
    end: () => undefined,
  }),
}

function cells({ path, score, threshold, anomalous, pValue, error }: ImageResult): string[] {
  const number = (value: number | null): string => (value === null ? '–' : value.toPrecision(4))
  return [
    path,
    number(score),
    number(threshold),
    error === undefined ? verdictText(anomalous) : 'NOT JUDGED',
    number(pValue),
  ]
}

function verdictText(anomalous: boolean | null): string {
  if (anomalous === null) return '–'
  return anomalous ? 'ANOMALOUS' : 'good'
}
