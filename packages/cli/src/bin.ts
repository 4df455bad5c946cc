#!/usr/bin/env node
import { describeError, errorLine } from './describe-error.ts'
import { EXIT } from './exit-status.ts'
import { run } from './run.ts'
import { guardOutput } from './terminal/output-failure.ts'

const controller = new AbortController()
// The first signal lets the running command stop cleanly; a second one ends the process as usual.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort())

/** An error that no command was there to catch: of a thread, of a stream. */
function fail(error: unknown): never {
  const described = describeError(error)
  process.stderr.write(errorLine(described))
  process.exit(described.isDefect ? EXIT.internal : EXIT.failure)
}
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

let ended = false
process.on('exit', (code) => {
  if (ended || code === EXIT.internal || code === EXIT.failure) return
  // Node would end with 13 and no word.
  process.stderr.write('tab: the command came to a stop before its end; please report this\n')
  process.exitCode = EXIT.internal
})

const finish = guardOutput(process.stdout, process.stderr, controller)
const { stdout, stderr } = process
process.exitCode = await finish(await run(process.argv.slice(2), { stdout, stderr, signal: controller.signal }))
ended = true
