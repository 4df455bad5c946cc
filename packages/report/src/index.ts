export { csvText } from './benchmark/escape.ts'
export { benchmarkFiles } from './benchmark/benchmark-files.ts'
export type { BenchmarkTables } from '@tab/pipeline/results'
export { benchmarkPage, type BenchmarkSummary } from './benchmark/benchmark-page.tsx'
export {
  cellsCsv,
  comparisonTable,
  costTable,
  latexOf,
  markdownOf,
  metricTables,
  type TextTable,
} from './benchmark/tables.ts'
export { choicePage } from './choose/choice-page.tsx'
export { describeChoice, type ChoiceText } from './choose/describe-choice.ts'
export type { ChoiceTable } from './choose/choice-table.ts'
export type { EvaluationCurves } from './evaluation/curves.ts'
export { METRIC_COLUMNS, metricCells, metricRows } from './evaluation/metric-rows.ts'
export type { CurvePoint } from './evaluation/thin-curve.ts'
export { curvesPage } from './pretrain/curves-page.tsx'
export { renderReport } from './render-report.tsx'
export type { ReportCase, ReportDataset, ReportPage, ReportRun, Verdict } from './report-data.ts'
