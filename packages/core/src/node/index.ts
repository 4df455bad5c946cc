export { writeAtomically } from './write-atomically.ts'
export { notReadable } from './not-readable.ts'
