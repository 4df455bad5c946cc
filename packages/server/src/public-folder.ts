/** Files of the live page, beside `src` and `dist`. */
export const PUBLIC_FOLDER: URL = new URL('../public/', import.meta.url)
