import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'

const swc = createRequire(import.meta.url)('@swc/jest')

/** Globals of inner loops. In a vm context each look-up of a global goes through an interceptor: numeric code takes five times as long. */
const NAMES = [
  ...['Infinity', 'NaN', 'Math', 'Number', 'Array', 'Object', 'Map', 'Set', 'String', 'BigInt'],
  ...['Float32Array', 'Float64Array', 'Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int32Array', 'Uint32Array'],
]

/** Binds the globals that a module uses to names of its own, in its first line, so that the lines of errors stay right. */
export function withBoundGlobals(code) {
  const used = NAMES.filter((name) => new RegExp(`(?<![.\\w$])${name}\\b`).test(code) && !declares(code, name))
  if (used.length === 0) return code
  const strict = /^(?:\s|\/\*[\s\S]*?\*\/|\/\/.*\n)*(['"])use strict\1/.test(code) ? `'use strict';` : ''
  return `${strict}const ${used.map((name) => `${name} = globalThis.${name}`).join(', ')};${code}`
}

function declares(code, name) {
  return new RegExp(`\\b(?:const|let|var|function|class|as)\\s+${name}\\b|[{,]\\s*${name}\\s*[,}][^;]*\\bfrom\\b`).test(
    code,
  )
}

/** `@swc/jest`, and what it made with its globals bound; plain JavaScript is only bound. */
export default {
  createTransformer({ plain, ...options }) {
    const inner = plain ? { process: (code) => ({ code }), canInstrument: false } : swc.createTransformer(options)
    const bound = (result) => ({ ...result, code: withBoundGlobals(result.code) })
    const version = createHash('sha256')
      .update(withBoundGlobals.toString() + NAMES.join())
      .digest('hex')
    return {
      canInstrument: inner.canInstrument,
      process: (...args) => bound(inner.process(...args)),
      processAsync: async (...args) => bound(await (inner.processAsync ?? inner.process)(...args)),
      getCacheKey: (code, path, request) =>
        createHash('sha256')
          .update(version)
          .update(inner.getCacheKey ? inner.getCacheKey(code, path, request) : code)
          .digest('hex'),
    }
  },
}
