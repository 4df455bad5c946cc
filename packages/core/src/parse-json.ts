/** Levels of arrays and objects in each other. Files of these packages have fewer than ten; programs that walk a value fail at a few thousand. */
const DEEPEST = 100

/**
 * Parses JSON that anybody may have written: as `JSON.parse`, but values nested more than 100 levels deep are refused, since what walks or prints them
 * would run out of stack.
 * @throws SyntaxError
 * @example
 * ```ts
 * import { parseJson } from '@tab/core'
 * console.log(parseJson('{ "size": [224, 224] }')) // { size: [ 224, 224 ] }
 * ```
 */
export function parseJson(text: string): unknown {
  const value = JSON.parse(text) as unknown
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw new SyntaxError(`nested more than ${DEEPEST} levels deep`)
    const next: unknown[] = []
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue
      for (const part of Object.values(item)) if (typeof part === 'object' && part !== null) next.push(part)
    }
    level = next
  }
  return value
}
