// Runs every TypeScript block of the packages' READMEs that says what it prints (`console.log(...) // output`), on the
// sources, and compares: an example with invented output is worse than none.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packages, root } from './workspace.mjs'

let ran = 0
const wrong = []
for (const { folder, manifest } of packages()) {
  const readme = join(folder, 'README.md')
  if (!existsSync(readme)) continue
  const blocks = [...readFileSync(readme, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map(([, code]) => code)
  for (const code of blocks) {
    const wanted = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, output]) => output)
    if (wanted.length === 0) continue
    const work = mkdtempSync(join(root, 'node_modules/.readme-'))
    const file = join(work, 'example.mts')
    writeFileSync(file, code)
    const args = ['--conditions=@tab/source', '--import=tsx', file]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    rmSync(work, { recursive: true })
    ran++
    if (status !== 0 || stdout.trim() !== wanted.join('\n')) {
      wrong.push(`${manifest.name}, wanted:\n${wanted.join('\n')}\ngot:\n${stdout}${stderr}`)
    }
  }
}
if (wrong.length > 0) {
  console.error(wrong.join('\n\n'))
  process.exit(1)
}
console.log(`${ran} examples of the READMEs print what they say`)
