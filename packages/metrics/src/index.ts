export { auroc, createAuroc, createBinnedAuroc } from './ranking/auroc.ts'
export { averagePrecision, createAveragePrecision, createBinnedAveragePrecision } from './ranking/average-precision.ts'
export { f1Max, createF1Max, type BestF1 } from './ranking/f1-max.ts'
export { tprAtFpr, createTprAtFpr, type TprAtFpr } from './ranking/tpr-at-fpr.ts'
export {
  rocCurve,
  createRocCurve,
  precisionRecallCurve,
  createPrecisionRecallCurve,
  type PrecisionRecallCurve,
  type RocCurve,
} from './ranking/curves.ts'

export {
  confusion,
  createConfusion,
  type Confusion,
  type ConfusionState,
  type ConfusionStream,
  type ScoredBatch,
} from './decisions/confusion.ts'
export { balancedAccuracy, createBalancedAccuracy } from './decisions/balanced-accuracy.ts'
export {
  segmentationF1,
  createSegmentationF1,
  segmentationIou,
  createSegmentationIou,
} from './decisions/segmentation.ts'

export { connectedComponents, type Components, type Connectivity } from './localization/connected-components.ts'
export { aupro, createAupro, type AuproOptions, type PixelStream } from './localization/aupro.ts'
export { createBinnedAupro, type BinnedPixelState, type BinnedPixelStream } from './localization/binned-aupro.ts'
export { proCurve, type ProCurve } from './localization/pro-curve.ts'
export { aupimo, createAupimo, type Aupimo, type AupimoOptions } from './localization/aupimo.ts'
export type { GroupedPixels, MappedBatch, PixelState } from './localization/pixel-store.ts'

export type { MetricStream, StreamState } from './streaming/metric-stream.ts'
export type { RankingState, RankingStream } from './streaming/ranking-stream.ts'
export type { BinnedRankingState, BinnedRankingStream } from './streaming/binned-ranking.ts'
export type { Binned, ScoreBins } from './streaming/score-bins.ts'

export {
  delongAuroc,
  delongTest,
  type AurocDifference,
  type AurocUncertainty,
  type ConfidenceOptions,
} from './uncertainty/delong.ts'
export {
  bootstrap,
  pairedBootstrap,
  type BootstrapDifference,
  type BootstrapInterval,
  type BootstrapOptions,
  type Statistic,
} from './uncertainty/bootstrap.ts'

export { evaluateDetection, type EvaluateOptions } from './evaluation/evaluate-detection.ts'
export {
  createBinnedDetection,
  type BinnedDetection,
  type BinnedDetectionTable,
  type MetricErrorBound,
} from './evaluation/binned-detection.ts'
export type {
  DetectionTable,
  PixelMetrics,
  RankingMetrics,
  TableRow,
  UndefinedMetric,
} from './evaluation/detection-table.ts'
export type { ScoredImages } from './evaluation/scored-images.ts'

export { whereDefined } from './where-defined.ts'

export type { FloatArray, Labels, Scores } from './inputs.ts'
