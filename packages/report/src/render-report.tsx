import { htmlText } from './html-document.tsx'
import { Page } from './page.tsx'
import type { ReportPage } from './report-data.ts'

/** The report as the text of one self-contained HTML file. */
export function renderReport(page: ReportPage): string {
  return htmlText(<Page {...page} />)
}
