// After the tests: removes the bundle.
import { rm } from 'node:fs/promises'

export default async function removeBundle() {
  const folder = process.env.TAB_SOURCES
  if (folder !== undefined) await rm(folder, { recursive: true })
}
