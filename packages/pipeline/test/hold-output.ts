import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { claimOutput } from '../src/node/files/claim-output.ts'

/** A process that claims an output and keeps it until it is killed; with `fill`, in the middle of writing. */
const [folder, name, fill] = process.argv.slice(2) as [string, string, string?]
const said = (error: unknown): void => void process.send?.(error instanceof Error ? error.message : 'claimed')
try {
  const claim = await claimOutput(folder, [name], false)
  if (fill) {
    await claim.fill(async (workplace) => {
      await writeFile(join(workplace, 'half'), 'half')
      said(undefined)
      await new Promise(() => setInterval(() => undefined, 1000))
    })
  }
  said(undefined)
  setInterval(() => undefined, 1000)
} catch (error) {
  said(error)
}
