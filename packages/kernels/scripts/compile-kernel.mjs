// Compiles a WebAssembly kernel and writes it as a module, so that users and tests need no compiler.
import { existsSync, readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const FLAGS = '--runtime stub --enable simd -O3 --noAssert --importMemory --maximumMemory 65536'.split(' ')

/**
 * The text of the module that holds a kernel.
 * @param source URL of the AssemblyScript file, in the folder `assembly`
 * @param constant name that the module exports it under
 */
export async function compileKernel(source, constant) {
  const name = source.pathname.split('/').at(-1)
  let wasm
  const { error, stderr } = await asc.main([name, '--outFile', 'kernel.wasm', ...FLAGS], {
    readFile: (file) => {
      const url = new URL(file, source)
      return existsSync(url) ? readFileSync(url, 'utf8') : null
    },
    writeFile: (file, content) => {
      if (file === 'kernel.wasm') wasm = content
    },
  })
  if (error) throw new Error(stderr.toString())
  const text = Buffer.from(wasm).toString('base64')
  return `// Made from assembly/${name} by scripts/build-kernels.mjs; do not edit.\nexport const ${constant}: string =\n  '${text}'\n`
}
