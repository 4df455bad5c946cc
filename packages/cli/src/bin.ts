#!/usr/bin/env node
import { run } from './run.ts'

const controller = new AbortController()
// The first ctrl-C lets the running command stop cleanly; a second one ends the process as usual.
process.once('SIGINT', () => controller.abort())
process.once('SIGTERM', () => controller.abort())

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  signal: controller.signal,
})
