// Compiles a WebAssembly kernel and writes it as a module, so that users and tests need no compiler.
import { existsSync, readFileSync } from 'node:fs'
import asc from 'assemblyscript/asc'

const FLAGS = '--runtime stub --enable simd --enable threads -O3 --noAssert --importMemory --maximumMemory 65536'.split(
  ' ',
)
const SHARED = ['--sharedMemory']

/**
 * The text of the module that holds a kernel.
 * @param source URL of the AssemblyScript file, in the folder `assembly`
 * @param constant name that the module exports it under
 * @param shared whether a further constant, with the prefix SHARED_, holds the kernel for the memory of an engine with threads
 */
export async function compileKernel(source, constant, shared = false) {
  const name = source.pathname.split('/').at(-1)
  const constants = { [constant]: [], ...(shared && { [`SHARED_${constant}`]: SHARED }) }
  let text = `// Made from assembly/${name} by scripts/build-kernels.mjs; do not edit.\n`
  for (const [each, flags] of Object.entries(constants)) {
    const binary = (await compile(name, source, flags)).toString('base64')
    text += `export const ${each}: string =\n  '${binary}'\n`
  }
  return text
}

async function compile(name, source, flags) {
  let wasm
  const { error, stderr } = await asc.main([name, '--outFile', 'kernel.wasm', ...FLAGS, ...flags], {
    readFile: (file) => {
      const url = new URL(file, source)
      return existsSync(url) ? readFileSync(url, 'utf8') : null
    },
    writeFile: (file, content) => {
      if (file === 'kernel.wasm') wasm = content
    },
  })
  if (error) throw new Error(stderr.toString())
  return Buffer.from(wasm)
}
