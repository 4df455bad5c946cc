import type { BackboneSpec } from './backbone-spec.ts'

/** The backbone where none is named: it lies in `@tab/weights`, and nothing is downloaded. */
export const DEFAULT_BACKBONE = 'tab-resnet18'

export const DEFAULT_BACKBONES: readonly BackboneSpec[] = [{ name: DEFAULT_BACKBONE, weights: DEFAULT_BACKBONE }]
