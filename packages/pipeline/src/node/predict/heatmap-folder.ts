import { dirname } from 'node:path'
import type { PredictSpec } from '../../spec/predict-spec.ts'
import { openPictureFolder, type PictureFolder } from '../files/picture-folder.ts'
import { isWithin, realPlace } from '../files/real-place.ts'
import { inputFolder } from './watch-sources.ts'

/** The folder of heatmaps, held for this run; undefined where none are asked for. */
export async function heatmapFolder(
  { inputs, heatmaps, overwrite = false }: PredictSpec,
  files: readonly string[],
): Promise<PictureFolder | undefined> {
  if (heatmaps === undefined) return undefined
  return openPictureFolder(heatmaps, { overwrite, reads: await Promise.all(inputs.map(inputFolder)), files })
}

/** Tells whether a file lies in the folder of heatmaps, which may be below an input. */
export async function withinHeatmaps(heatmaps: string | undefined): Promise<(path: string) => Promise<boolean>> {
  if (heatmaps === undefined) return async () => false
  const place = await realPlace(heatmaps)
  const folders = new Map<string, boolean>()
  return async (path) => {
    const folder = dirname(path)
    const known = folders.get(folder) ?? isWithin(await realPlace(folder), place)
    folders.set(folder, known)
    return known
  }
}
