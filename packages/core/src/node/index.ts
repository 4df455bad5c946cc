export {
  acquireLock,
  type FileLock,
  type LockHolder,
  LockHeld,
  type LockOptions,
  waitForLock,
  type WaitForLockOptions,
} from './file-lock.ts'
export { writeAtomically } from './write-atomically.ts'
export { notReadable } from './not-readable.ts'
export type { ProcessIdentity } from './process-identity.ts'
