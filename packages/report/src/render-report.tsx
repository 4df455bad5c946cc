import { htmlText } from './html-document.tsx'
import { Page } from './page.tsx'
import type { ReportPage } from './report-data.ts'

/**
 * The report of an evaluation as one HTML document that loads nothing: metrics, curves, scores and a gallery.
 * @param page with its pictures, as `describeDataset` of `@tab/report/node` draws them
 */
export function renderReport(page: ReportPage): string {
  return htmlText(<Page {...page} />)
}
