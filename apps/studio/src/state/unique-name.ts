/** The name, or the name with a number where it is taken: the detector file knows pictures by their names. */
export function uniqueName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name
  const [, stem = name, ending = ''] = /^(.*?)(\.[^./]*)?$/.exec(name) ?? []
  for (let number = 2; ; number++) {
    const other = `${stem} (${number})${ending}`
    if (!taken.has(other)) return other
  }
}
