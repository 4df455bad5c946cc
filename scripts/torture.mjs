// `npm run torture -- NAME`: runs torture/NAME.ts on the sources.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const [name, ...rest] = process.argv.slice(2)
const file = join(root, 'torture', `${name}.ts`)
if (!name || !existsSync(file)) {
  const names = readdirSync(join(root, 'torture')).filter((entry) => entry.endsWith('.ts'))
  console.error(`usage: npm run torture -- ${names.map((entry) => entry.slice(0, -3)).join('|')}`)
  process.exit(2)
}
const args = [
  '--conditions=@tab/source',
  `--import=${new URL('./sources/register.mjs', import.meta.url).href}`,
  '--expose-gc',
  file,
  ...rest,
]
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1)
