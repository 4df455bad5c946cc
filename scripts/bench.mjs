// `npm run bench -- NAME`: runs bench/NAME.ts on the sources.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './workspace.mjs'

const [name, ...rest] = process.argv.slice(2)
const file = join(root, 'bench', `${name}.ts`)
if (!name || !existsSync(file)) {
  const names = readdirSync(join(root, 'bench'))
    .filter((entry) => entry.endsWith('.ts') && entry !== 'alternate.ts')
    .map((entry) => entry.slice(0, -3))
  console.error(`usage: npm run bench -- ${names.join('|')}`)
  process.exit(2)
}
const args = [
  '--conditions=@tab/source',
  `--import=${pathToFileURL(join(root, 'scripts/sources/register.mjs')).href}`,
  '--expose-gc',
  file,
  ...rest,
]
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1)
