/** The built files of `apps/studio`, which the build of this package copies into `dist`, beside `src` and in `dist` itself. */
export const STUDIO_FOLDER: URL = new URL('../dist/studio/', import.meta.url)
