import { readFile } from 'node:fs/promises'
import { parseJson, readNaming, TabError } from '@tab/core'
import { notReadable } from '@tab/core/node'
import type { Polygon } from '@tab/data'
import { readMask } from '@tab/data/node'
import * as z from 'zod'
import type { Area } from '../inspect/region-mask.ts'
import { parseSpec } from '../spec/parse-spec.ts'

const POLYGON: z.ZodType<Polygon> = z.array(z.tuple([z.number(), z.number()])).min(3)
const POLYGONS: z.ZodType<readonly Polygon[]> = z.union([
  POLYGON.transform((only): readonly Polygon[] => [only]),
  z.array(POLYGON).min(1),
])

/**
 * Reads an area from a file: polygons as JSON, `[[x, y], ...]` or a list of such, or else an image that marks pixels, as masks of data sets do.
 * @param where the field that names the file
 * @throws NOT_FOUND, INVALID_DATA naming the field and the file
 */
export async function readArea(where: string, path: string): Promise<Area> {
  if (!/\.json$/i.test(path)) return readNaming(`${where} ${path}`, () => readMask(path))
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw notReadable(where, 'a readable file', path, cause)
  })
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw new TabError('INVALID_DATA', { where: `${where} ${path}`, message: 'not JSON', cause })
  }
  return parseSpec(POLYGONS, value, `${where} ${path}`)
}
