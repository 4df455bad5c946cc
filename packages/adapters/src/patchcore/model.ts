import type { MemoryBank } from './memory-bank.ts'
import type { PatchCoreSettings } from './settings.ts'

/** What fitting PatchCore produces. */
export interface PatchCoreModel {
  readonly settings: PatchCoreSettings
  readonly bank: MemoryBank
  /** `[height, width]` of the images */
  readonly size: readonly [number, number]
}
