// That the demo left what it promised: numbers for every part and a report that stands alone.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const results = JSON.parse(readFileSync(join(root, 'demo-output/results.json'), 'utf8'))
const report = readFileSync(join(root, 'demo-output/report.html'), 'utf8')
const rows = Object.values(results).flatMap(({ overall, byDefect }) => [overall, ...Object.values(byDefect)])
const isShare = (value) => Number.isFinite(value) && value >= 0 && value <= 1
const sound = rows.every(({ imageAuroc, pixelAuroc, aupro }) => [imageAuroc, pixelAuroc, aupro].every(isShare))
if (Object.keys(results).length !== 12 || rows.length < 24 || !sound)
  throw new Error(
    `demo-output/results.json does not hold the metrics of four parts: two backbones, one of them with few images too`,
  )
if (/(src|href)="(?!data:|#)/.test(report))
  throw new Error('demo-output/report.html refers to something outside itself')
console.log(
  `demo: ${Object.keys(results).length} runs, ${rows.length} rows, report of ${(report.length / 1e6).toFixed(1)} MB`,
)
