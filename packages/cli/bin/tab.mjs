#!/usr/bin/env node
// The command as it is installed: a file that is there before the build, so that a fresh clone can link it.
import { existsSync } from 'node:fs'

const built = new URL('../dist/bin.js', import.meta.url)
if (existsSync(built)) {
  await import(built.href)
} else {
  console.error('tab: this clone is not built yet; run: npm run build')
  process.exitCode = 1
}
