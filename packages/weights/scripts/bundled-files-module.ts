import type { FileRecord } from './model-card.ts'

/** The source of `src/bundled-files.generated.ts`: an address is a literal, as a bundler finds no other. */
export function bundledFilesModule(records: readonly FileRecord[]): string {
  const version = ({ id }: FileRecord): number => Number(id.split('@')[1])
  const sorted = [...records].sort((left, right) => version(left) - version(right))
  const entries = sorted.map(
    ({ id, alignment, file: { name, byteLength, sha256 } }) => `  {
    id: '${id}',
    byteLength: ${byteLength},
    sha256: '${sha256}',
    url: () => new URL('../weights/${name}', import.meta.url),
    alignment: {
      byteLength: ${alignment.byteLength},
      sha256: '${alignment.sha256}',
    },
  },
`,
  )
  const list = entries.length > 0 ? `[\n${entries.join('')}]` : '[]'
  return `// Written by \`npm run weights\`: the weights that lie in this package, oldest first.
import type { BundledFile } from './bundled/find-bundled.ts'

export const BUNDLED_FILES: readonly BundledFile[] = ${list}
`
}
