import { dirname, isAbsolute, join, parse, relative } from 'node:path'

/**
 * Where the contact sheet of a fit goes: `NAME.suspects.png` beside the detector, hidden in the folder of the data, where the next fit would take
 * it for a photograph of a good part.
 * @param output the detector's file
 * @param data the folder that was fitted on
 */
export function suspectsSheetPath(output: string, data: string): string {
  const name = `${parse(output).name}.suspects.png`
  const way = relative(data, dirname(output))
  const isOutside = /^\.\.(?:$|[/\\])/.test(way) || isAbsolute(way)
  return join(dirname(output), isOutside ? name : `.${name}`)
}
