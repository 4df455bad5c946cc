import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '@tab/core'
import { readImage } from '@tab/data/node'

/** Every file below a folder, by its path there, with the SHA-256 of its content. */
export function digestsOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
  const files = names.filter((name) => lstatSync(join(folder, name)).isFile())
  return new Map(
    files.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  )
}

/** Whether a name is that of a file being written, or of a lock. */
export function isUnfinished(name: string): boolean {
  return /\.(tmp|lock)(\/|$)/.test(name)
}

/** What is wrong with a file that stands under its own name; undefined where it can be read to its end. */
export async function fault(path: string): Promise<string | undefined> {
  const bytes = readFileSync(path)
  const text = bytes.toString()
  try {
    if (path.endsWith('.safetensors')) readSafetensors(bytes)
    else if (path.endsWith('.json')) JSON.parse(text)
    else if (path.endsWith('.png')) await readImage(path)
    // Rows are appended as they come: the last one may be torn, and is dropped by who goes on.
    else if (path.endsWith('.jsonl')) for (const line of text.split('\n').slice(0, -1)) JSON.parse(line)
    else if (path.endsWith('.html') && !text.trimEnd().endsWith('</html>')) return 'a page without its end'
    else if (bytes.length === 0 && !path.endsWith('.tab-output')) return 'an empty file'
  } catch (error) {
    return String(error)
  }
  return undefined
}
