export { loadOrt } from './load-ort.ts'
