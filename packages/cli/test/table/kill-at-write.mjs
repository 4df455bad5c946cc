// Loaded before a command: kills the process in the middle of the first file that it writes below KILL_BELOW, or as that gets its name.
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'

const below = process.env.KILL_BELOW
const isResult = (path) => String(path).startsWith(below) && !String(path).endsWith('.lock')
const { writeFile, rename } = fs
fs.writeFile = async (path, content, options) => {
  if (!isResult(path)) return writeFile(path, content, options)
  await writeFile(path, content.slice(0, content.length / 2), options)
  process.kill(process.pid, 'SIGKILL')
}
fs.rename = async (from, to) => {
  if (isResult(to)) process.kill(process.pid, 'SIGKILL')
  return rename(from, to)
}
syncBuiltinESMExports()
