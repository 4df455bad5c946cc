// One detector file of each kind on every engine that runs in Node: how far scores and maps are from those of the definition in float64.
import { loadavg } from 'node:os'
import { ENGINES } from '../test/parity/engines.ts'
import { parityTable } from '../test/parity/parity-table.ts'

const begun = performance.now()
const rows = await parityTable(Object.keys(ENGINES))
console.log('| detector | engine | scores | maps |\n| :-- | :-- | --: | --: |')
for (const { detector, engine, score, map } of rows) {
  console.log(`| ${detector} | ${engine} | ${score.toExponential(1)} | ${map.toExponential(1)} |`)
}
const seconds = (performance.now() - begun) / 1000
console.log(`Node ${process.version}, ${seconds.toFixed(0)} s, load ${loadavg().map((load) => load.toFixed(1)).join(' ')}`) // prettier-ignore
process.exit(0)
