import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { TabError } from '@tab/core'
import { acquireLock, LockHeld, notReadable, type FileLock } from '@tab/core/node'

/**
 * Makes the folder of a server's own files, for one server alone.
 * @throws INCOMPATIBLE while another one has it, NOT_FOUND where it cannot be written
 */
export async function holdState(folder: string): Promise<FileLock> {
  try {
    await mkdir(folder, { recursive: true })
    return await acquireLock(join(folder, 'server.lock'))
  } catch (cause) {
    const where = 'spec.state'
    if (cause instanceof LockHeld) throw new TabError('INCOMPATIBLE', { where, message: cause.message, cause })
    throw notReadable(where, 'a folder that can be written', folder, cause)
  }
}
