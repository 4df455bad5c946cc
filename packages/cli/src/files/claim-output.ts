import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'

/**
 * Makes sure, before long work, that an output folder holds no earlier result.
 * @throws INVALID_ARGUMENT when one of the files exists and overwriting was not asked for
 */
export async function claimOutput(folder: string, files: readonly string[], overwrite: boolean): Promise<void> {
  if (overwrite) return
  for (const file of files) {
    const path = join(folder, file)
    const exists = await access(path).then(
      () => true,
      () => false,
    )
    if (exists) {
      throw new TabError('INVALID_ARGUMENT', {
        where: '--output',
        message: `${path} exists; use --overwrite or another folder`,
      })
    }
  }
}
