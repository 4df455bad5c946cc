import { TabError } from '@tab/core'
import { checkDataset, countProblems, describeProblems, type DatasetReport, type LayoutName } from '@tab/data/node'
import Table from 'cli-table3'
import { Command } from 'commander'
import { progressDisplay } from '../terminal/progress.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { layoutOption } from './options.ts'

interface CheckFlags {
  readonly layout?: LayoutName
  readonly category?: string
  readonly json: boolean
}

/** `tab data`: what is known of data sets on disk; `tab data check` lists what one holds and what is wrong with it. */
export function dataCommand(terminal: Terminal): Command {
  const check = new Command('check')
    .description('List what a data set holds and all that is wrong with it; exit status 1 when anything is.')
    .argument('<dir>', 'folder of the data set or of one category, or a manifest .csv')
    .addOption(layoutOption())
    .option('--category <name>', 'check one category alone')
    .option('--json', 'print JSON, with all problems', false)
    .addHelpText('after', '\nExample:\n  tab data check mvtec --category screw')
    .action((dir: string, flags: CheckFlags) => runCheck(dir, flags, terminal))
  return new Command('data').description('Look at data sets on disk.').addCommand(check)
}

async function runCheck(dir: string, flags: CheckFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { layout, category, json } = flags
  const progress = progressDisplay(stderr)
  let report: DatasetReport
  try {
    report = await checkDataset(dir, { layout, category, signal, onProgress: (step) => progress.report(step) })
  } finally {
    progress.stop()
  }
  stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : reportText(dir, report))
  const { problems } = report
  if (problems.length > 0) {
    const message = `${problems.length} problem${problems.length > 1 ? 's' : ''} (${countProblems(problems)})`
    throw new TabError('INVALID_DATA', { where: dir, message })
  }
}

function reportText(dir: string, { layout, categories, counts, problems }: DatasetReport): string {
  const table = new Table({
    head: [...(categories.length > 0 ? ['category'] : []), 'split', 'defect type', 'images', 'masks'],
    colAligns: [...(categories.length > 0 ? (['left'] as const) : []), 'left', 'left', 'right', 'right'],
    style: { head: [], border: [] },
  })
  for (const { category = '', split, defect, images, masks } of counts) {
    table.push([...(categories.length > 0 ? [category] : []), split, defect, images, masks])
  }
  const found = problems.length === 0 ? 'no problems' : `problems:\n${describeProblems(problems)}`
  return `${dir}, ${layout}\n${table.toString()}\n${found}\n`
}
