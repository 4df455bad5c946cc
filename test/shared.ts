import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from '@jest/globals'

const SHARED = resolve(process.env['TAB_SHARED'] ?? '../shared')

/** Path of a file that is not part of the project: real photographs, weights, reference results. */
export function sharedFile(path: string): string {
  return join(SHARED, path)
}

/** `test` where the file is present, else a skip that says what is missing. */
export function testWithShared(file: string, name: string, body: () => void | Promise<void>): void {
  if (existsSync(sharedFile(file))) test(name, async () => body())
  else test.skip(`${name} (${file} is absent)`, () => undefined)
}
