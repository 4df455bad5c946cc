const NOBODY = 65534

/** Runs work as a user whom permissions bind: as `nobody` where the tests run as root, who may do everything. */
export async function unprivileged<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return work()
  process.seteuid?.(NOBODY)
  try {
    return await work()
  } finally {
    process.seteuid?.(0)
  }
}

/** Whether permissions can be tried: not on Windows, where files have others. */
export const canForbid = process.geteuid !== undefined
