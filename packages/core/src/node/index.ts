export {
  acquireLock,
  type FileLock,
  LockHeld,
  type LockOptions,
  waitForLock,
  type WaitForLockOptions,
} from './file-lock.ts'
export { writeAtomically } from './write-atomically.ts'
export { notReadable } from './not-readable.ts'
