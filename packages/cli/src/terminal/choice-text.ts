import { describeChoice } from '@tab/report'
import { LIMITS_OF_SYNTHETIC, type Choice } from '@tab/pipeline/results'
import Table from 'cli-table3'
import { nameFlags } from '../commands/name-flags.ts'

/** A choice as a terminal shows it: the table, what it says, and the command that fits it. */
export function choiceText(choice: Choice): string {
  const { columns, rows, sentences } = describeChoice(choice)
  const table = new Table({
    head: [...columns],
    colAligns: columns.map((_, index) => (index === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  })
  for (const cells of rows) table.push([...cells])
  const untried = choice.untried.map(({ name, reason }) => `  ${name}: ${nameFlags(reason)}`)
  const lines = [
    table.toString(),
    ...sentences,
    ...choice.notes.map((note) => `note: ${note}`),
    ...(untried.length > 0 ? ['not tried:', ...untried] : []),
    'what synthetic defects do not show:',
    ...LIMITS_OF_SYNTHETIC.map((text) => `  - ${text}`),
    ...(choice.command === null ? [] : ['', choice.command]),
  ]
  return `${lines.join('\n')}\n`
}

/** Why there is no choice; undefined where there is one. */
export function nothingWithin({ chosen, nearest, candidates, limits }: Choice): string | undefined {
  const found = candidates.find(({ name }) => name === nearest)
  if (chosen !== null || !found) return undefined
  const asked = [
    ...(limits.milliseconds === null ? [] : [`--max-ms ${limits.milliseconds}`]),
    ...(limits.megabytes === null ? [] : [`--max-mb ${limits.megabytes}`]),
  ].join(' and ')
  const { name, cost, real, synthetic } = found
  const auroc = (real ?? synthetic)?.imageAuroc.value.toFixed(3)
  return (
    `no candidate is within ${asked}: the nearest is ${name}, with ${cost.milliseconds.toFixed(1)} ms per image, ` +
    `${cost.megabytes.toFixed(2)} MB and an image AUROC of ${auroc}`
  )
}
