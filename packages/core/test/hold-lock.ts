// A process that takes the lock named on its command line, with the token named there, says so, and keeps it until it is killed.
import { acquireLock } from '../src/node/file-lock.ts'

await acquireLock(process.argv[2] as string, { token: process.argv[3] ?? 'of-the-holder' })
process.send?.('held')
setInterval(() => undefined, 1000)
