import { renderToString } from 'preact-render-to-string'
import { Page } from './page.tsx'
import type { ReportPage } from './report-data.ts'

/** The report as the text of one self-contained HTML file. */
export function renderReport(page: ReportPage): string {
  return `<!doctype html>\n${renderToString(<Page {...page} />)}\n`
}
