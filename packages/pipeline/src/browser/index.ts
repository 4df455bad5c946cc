export type { BrowserImage } from './browser-image.ts'
export type { BrowserFile } from './file-bytes.ts'
export { fitInspector, type FitInspectorInBrowserOptions } from './fit-inspector.ts'
export { openInspector, type OpenInspectorInBrowserOptions } from './open-inspector.ts'
