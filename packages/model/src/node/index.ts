export { checkpointFile } from './checkpoint-file.ts'
