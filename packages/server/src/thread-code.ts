/** Where the code of a thread is, and what Node needs to run it. */
export interface ThreadCode {
  readonly filename: string
  readonly execArgv: string[]
}

/** @param folder of its source in `src` */
export function threadCode(folder: string, name: string): ThreadCode {
  const isSource = import.meta.url.endsWith('.ts')
  const file = isSource ? `./${folder}/${name}.ts` : `./${name}.js`
  // From its sources, a thread needs the loader that its process was started with.
  return { filename: new URL(file, import.meta.url).href, execArgv: isSource ? process.execArgv : [] }
}
