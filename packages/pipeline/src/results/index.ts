export type { BenchmarkTables } from './benchmark-tables.ts'
export { cellText, type CellName, type Shots } from './cell-name.ts'
export {
  CELL_SCHEMA,
  isFailure,
  type CellCost,
  type CellFailure,
  type CellMetrics,
  type CellRecord,
  type CellResult,
  type CellRow,
} from './cell-result.ts'
export type { Comparison } from './comparison.ts'
export type { Evaluation, NamedEvaluation, ScoredSet, Scoring } from './evaluation.ts'
export { notesOf } from './evaluation-notes.ts'
export type {
  DecisionThreshold,
  EvaluationResults,
  MetricRow,
  PixelMetricsRecord,
  RunDescription,
} from './evaluation-results.ts'
export type { ClassCard, ModelCard } from './model-card.ts'
export { describeJudged, type ValidationFigures } from './validation-warning.ts'
export type { PretrainPreset, VersionedPreset } from '../spec/pretrain-presets.ts'
export type { PublishedFigure } from './published-figure.ts'
export { grouped, summarise, TABLE_METRICS, type Spread, type SummaryRow, type TableMetric } from './summary.ts'
export {
  LIMITS_OF_SYNTHETIC,
  type Choice,
  type ChoiceCost,
  type Figure,
  type FoundDefects,
  type MeasuredCandidate,
  type NormalsCurve,
  type Quality,
  type Standing,
  type UntriedCandidate,
} from './choice.ts'
