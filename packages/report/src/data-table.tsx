import type { ComponentChild, VNode } from 'preact'

/** A row; its cells stand under the columns. */
export interface DataRow {
  /** Tells it from the others. */
  readonly key: string
  readonly cells: readonly ComponentChild[]
  readonly class?: string
}

export interface DataTableProps {
  /** What a reader of the screen hears of the part of the page that scrolls. */
  readonly label: string
  /** Stands above. */
  readonly caption?: string
  readonly columns: readonly string[]
  /** How many of the first columns name the row. Default 1. */
  readonly headings?: number
  readonly rows: readonly DataRow[]
}

/** A table that scrolls sideways where it is too wide. */
export function DataTable({ label, caption, columns, headings = 1, rows }: DataTableProps): VNode {
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={label}>
      <table>
        {caption && (
          <caption>
            <span>{caption}</span>
          </caption>
        )}
        <thead>
          <tr>
            {columns.map((column, index) => (
              <th scope="col" key={column} class={index < headings ? 'heading' : undefined}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.key} class={row.class}>
              {row.cells.map((cell, index) =>
                index < headings ? (
                  <th scope="row" key={columns[index]}>
                    {cell}
                  </th>
                ) : (
                  <td key={columns[index]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
