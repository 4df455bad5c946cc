// `npm run bench -- NAME` and `npm run torture -- NAME`: runs NAME.ts of that folder on the sources.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.mjs'

const [folder, name, ...rest] = process.argv.slice(2)
const file = join(root, folder, `${name}.ts`)
if (!name || !existsSync(file)) {
  const names = readdirSync(join(root, folder))
    .filter((entry) => entry.endsWith('.ts') && entry !== 'alternate.ts')
    .map((entry) => entry.slice(0, -3))
  console.error(`usage: npm run ${folder} -- ${names.join('|')}`)
  process.exit(2)
}
const register = new URL('sources/register.mjs', import.meta.url).href
const args = ['--conditions=@tab/source', `--import=${register}`, '--expose-gc', file, ...rest]
process.exit(spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1)
