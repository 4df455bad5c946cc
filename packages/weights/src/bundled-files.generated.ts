// Written by `npm run weights`: the weights that lie in this package, oldest first.
import type { BundledFile } from './bundled/find-bundled.ts'

export const BUNDLED_FILES: readonly BundledFile[] = []
