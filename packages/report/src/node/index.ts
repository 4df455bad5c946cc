export { describeDataset, type DescribeOptions } from './describe-dataset.ts'
export { heatmapFile } from './case-pictures.ts'
export { suspectsSheet, type SheetEntry } from './suspects-sheet.ts'
