export { selectEngine, type SelectEngineOptions } from './select-engine.ts'
