/** What Node needs to run the sources as a process or a thread of its own. */
export const FROM_SOURCE: readonly string[] = [
  '--conditions=@tab/source',
  `--import=${new URL('../scripts/sources/register.mjs', import.meta.url).href}`,
]
