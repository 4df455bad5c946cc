import { availableParallelism } from 'node:os'
import { throwIfAborted } from '@tab/core'
import type { JobEvent } from '@tab/jobs'
import { Command } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { jobsPackage } from './own-package.ts'
import { nameFlags } from './name-flags.ts'
import { nameList, offlineOption, wholeNumber } from './options.ts'
import { writableFolder } from './writable-folder.ts'

interface WorkerFlags {
  readonly jobsUrl: string
  readonly slots: number
  readonly threads: number
  readonly tags: readonly string[]
  readonly cache?: string
  readonly drain: boolean
  readonly json: boolean
}

/** `tab worker`: computes jobs of a queue until it is stopped. */
export function workerCommand(terminal: Terminal): Command {
  return new Command('worker')
    .description('Compute the jobs of a queue until stopped; killed, its jobs go to other workers.')
    .requiredOption('--jobs-url <url>', 'the queue: postgres://USER@HOST/DATABASE or a folder')
    .option('--slots <n>', 'jobs at a time, each in a thread', wholeNumber(1), 1)
    .option('--threads <n>', 'threads of ONNX Runtime, all slots together', wholeNumber(1), availableParallelism())
    .option('--tags <names>', 'take jobs with these tags too, several with commas between', nameList, [])
    .option('--cache <dir>', 'folder for features on this machine (default: beside the results)')
    .option('--drain', 'end when no job waits', false)
    .addOption(offlineOption())
    .option('--json', 'print what happens to each job as a line of JSON', false)
    .addHelpText(
      'after',
      '\nData sets, weights and the folder of results must have the same path as where the jobs came from. A password is best\n' +
        'in PGPASSWORD.\n\nExample:\n  tab worker --jobs-url postgres://tab@db/tab --slots 2\n\n' +
        'Exit status: 0 nothing is left (--drain), 1 this machine cannot work (the message says why), 64 wrong usage,\n130 stopped by ctrl-C.',
    )
    .action((flags: WorkerFlags) => runWorker(flags, terminal))
}

async function runWorker(flags: WorkerFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { jobsUrl, json, ...options } = flags
  if (options.cache !== undefined) await writableFolder('spec.cache', options.cache)
  const { openQueue, work } = await jobsPackage('tab worker')
  const queue = await openQueue({ jobsUrl, role: 'worker' })
  const onNote = (note: string): void => void stderr.write(`${nameFlags(note)}\n`)
  if (!json) stderr.write(`working at ${queue.place}\n`)
  try {
    const done = await work(queue, options, {
      signal,
      onNote,
      onEvent: (event) => void stdout.write(json ? `${JSON.stringify(event)}\n` : eventText(event)),
    })
    throwIfAborted('tab worker', signal)
    if (!json) stderr.write(`${done} jobs computed, none is left\n`)
  } finally {
    await queue.close()
  }
}

function eventText({ event, title, seconds, error }: JobEvent): string {
  const time = event === 'started' ? '' : ` after ${seconds.toFixed(1)} s`
  return `${event}${time}: ${title}${error === undefined ? '' : `: ${error}`}\n`
}
