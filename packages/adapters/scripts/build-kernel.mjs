// Compiles assembly/k-center.ts and writes it as a module, so that users and tests need no compiler.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))

/** The generated module's text. */
export async function kernelModule() {
  const flags = [
    '--runtime',
    'stub',
    '--enable',
    'simd',
    '-O3',
    '--noAssert',
    '--importMemory',
    '--maximumMemory',
    '65536',
  ]
  let wasm
  const { error, stderr } = await asc.main(['k-center.ts', '--outFile', 'kernel.wasm', ...flags], {
    readFile: (name) => {
      const file = here(`../assembly/${name}`)
      return existsSync(file) ? readFileSync(file, 'utf8') : null
    },
    writeFile: (name, content) => {
      if (name === 'kernel.wasm') wasm = content
    },
  })
  if (error) throw new Error(stderr.toString())
  return `// Made from assembly/k-center.ts by scripts/build-kernel.mjs; do not edit.\nexport const K_CENTER_KERNEL: string =\n  '${Buffer.from(wasm).toString('base64')}'\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(here('../src/patchcore/k-center-kernel.generated.ts'), await kernelModule())
}
