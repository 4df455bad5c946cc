import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join, relative, sep } from 'node:path'
import { defaultClientConditions, defineConfig, type Plugin, type UserConfig } from 'vite'

const SERVICE_WORKER = 'service-worker.js'

/** Tells the service worker which files there are, and gives it other bytes whenever one of them changes. */
function listFiles(): Plugin {
  return {
    name: 'list-files',
    apply: 'build',
    async writeBundle({ dir = 'dist' }) {
      const entries = await readdir(dir, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      const files = paths.map((path) => relative(dir, path).split(sep).join('/')).sort()
      const digest = createHash('sha256')
      for (const file of files) digest.update(file).update(await readFile(join(dir, file)))
      const program = await readFile(join(dir, SERVICE_WORKER), 'utf8')
      const listed = files.filter((file) => file !== SERVICE_WORKER)
      const told = program
        .replace(/(["'`])__FILES__\1/, JSON.stringify(JSON.stringify(listed)))
        .replace('__VERSION__', digest.digest('hex').slice(0, 16))
      if (told.includes('__FILES__') || told.includes('__VERSION__'))
        throw new Error('the service worker has no place for the list')
      await writeFile(join(dir, SERVICE_WORKER), told)
    },
  }
}

const config: UserConfig = defineConfig({
  base: './',
  logLevel: 'warn',
  resolve: { conditions: ['@tab/source', ...defaultClientConditions] },
  worker: { format: 'es' },
  plugins: [listFiles()],
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 2000,
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: {
      input: {
        index: join(import.meta.dirname, 'index.html'),
        'service-worker': join(import.meta.dirname, 'src/service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) => (name === 'service-worker' ? SERVICE_WORKER : 'assets/[name]-[hash].js'),
      },
    },
  },
})
export default config
