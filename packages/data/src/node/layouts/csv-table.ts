import { parse } from 'csv-parse/sync'

/** A table with named columns. */
export interface CsvTable {
  readonly rows: readonly CsvRow[]
  /** The problems, by line. */
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

export interface CsvRow {
  /** From 1; the last line, if a quoted field spans several. */
  readonly line: number
  /** By column; empty if the row or the file lacks it. */
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Reads CSV (RFC 4180, with or without a byte order mark) whose first line names its columns, in any order. Spaces around fields
 * are dropped, empty lines skipped. Never throws: malformed rows are left out and reported.
 */
export function readCsvTable(
  text: string,
  columns: { readonly required: readonly string[]; readonly optional: readonly string[] },
): CsvTable {
  let records: { record: string[]; info: { lines: number } }[]
  try {
    records = parse(text, {
      bom: true,
      trim: true,
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
    }) as unknown as typeof records
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number }
    return { rows: [], problems: [{ line: lines ?? 1, message }] }
  }
  const header = records[0]?.record ?? []
  const known = [...columns.required, ...columns.optional]
  const faults = [
    ...columns.required.filter((name) => !header.includes(name)).map((name) => `lacks the column ${name}`),
    ...header.filter((name) => !known.includes(name)).map((name) => `has an unknown column ${JSON.stringify(name)}`),
    ...header.filter((name, index) => header.indexOf(name) !== index).map((name) => `has two columns ${name}`),
  ]
  if (faults.length > 0) {
    const message = `${faults.join(', ')}; columns are ${known.join(', ')}`
    return { rows: [], problems: [{ line: 1, message }] }
  }
  const rows: CsvRow[] = []
  const problems: { line: number; message: string }[] = []
  for (const { record, info } of records.slice(1)) {
    if (record.length !== header.length) {
      problems.push({ line: info.lines, message: `has ${record.length} fields, but the header has ${header.length}` })
      continue
    }
    const fields = Object.fromEntries(known.map((name) => [name, record[header.indexOf(name)] ?? '']))
    rows.push({ line: info.lines, fields })
  }
  return { rows, problems }
}
