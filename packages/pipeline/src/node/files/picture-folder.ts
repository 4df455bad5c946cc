import { lstat, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, parse } from 'node:path'
import { TabError } from '@tab/core'
import { isImageName, OUTPUT_MARK } from '@tab/data/node'
import { claimOutput } from './claim-output.ts'
import { placeFile } from './place-file.ts'
import { isWithin, realPlace } from './real-place.ts'

/** A folder for pictures of images, such as their heatmaps, held by this run. */
export interface PictureFolder extends AsyncDisposable {
  /** Writes the picture of an image and gives its path. */
  write(image: string, content: Uint8Array): Promise<string>
}

export interface PictureFolderOptions {
  /** Whether pictures of earlier runs are replaced; else the later ones of a name get a number. */
  readonly overwrite: boolean
  /** Folders that images are read from. */
  readonly reads: readonly string[]
  /** Images that were found. */
  readonly files: readonly string[]
}

/**
 * Takes a folder for pictures and marks it, so that later runs and watches leave it out.
 * @throws INVALID_ARGUMENT for a folder that images are read from or contains one, for one with images that are not ours, unless they may be
 *   replaced, and for one that another run holds or that cannot be written
 * @example
 * ```ts
 * import { tensor } from '@tab/core'
 * import { openPictureFolder } from '@tab/pipeline/node'
 * import { heatmapFile } from '@tab/report/node'
 *
 * await using folder = await openPictureFolder('pictures', { overwrite: false, reads: ['washers'], files: [] })
 * const picture = await heatmapFile(tensor([2, 2, 3], new Float32Array(12)), Float32Array.of(0, 0, 0, 1))
 * console.log(await folder.write('cam1/7.bmp', picture), await folder.write('cam2/7.bmp', picture)) // pictures/7.png pictures/7-2.png
 * ```
 */
export async function openPictureFolder(
  folder: string,
  { overwrite, reads, files }: PictureFolderOptions,
): Promise<PictureFolder> {
  const where = 'spec.heatmaps'
  const refuse = (message: string): never => {
    throw new TabError('INVALID_ARGUMENT', { where, message })
  }
  const place = await realPlace(folder)
  for (const read of reads) {
    if (isWithin(await realPlace(read), place)) {
      refuse(`${folder} is a folder that images are read from, or contains one (${read}); use another folder`)
    }
  }
  const isMarked = await exists(join(folder, OUTPUT_MARK))
  if (!isMarked) {
    for (const parent of new Set(files.map(dirname))) {
      if (isWithin(await realPlace(parent), place)) refuse(`${folder} holds images to be scored; use another folder`)
    }
    const images = (await readdir(folder).catch((): string[] => [])).filter(isImageName)
    for (const read of images.length > 0 ? reads : []) {
      if (isWithin(place, await realPlace(read))) {
        refuse(
          `${folder} lies in ${read} and holds images that are not heatmaps of tab, such as ${images[0]}; use another folder`,
        )
      }
    }
    if (images.length > 0 && !overwrite) {
      refuse(
        `${folder} holds images that are not heatmaps of tab, such as ${images[0]}; use another folder or spec.overwrite`,
      )
    }
  }
  const claim = await claimOutput(folder, [OUTPUT_MARK], true, { where })
  const marker = join(folder, OUTPUT_MARK)
  const owners = new Map<string, string>() // of each name taken in this run, the image
  const numbers = new Map<string, number>() // the last one of each name
  let written = 0
  try {
    if (!isMarked)
      await writeFile(marker, 'Written by tab predict --heatmaps. Images in this folder are not taken for input.\n')
  } catch (error) {
    if (!isMarked) await rm(marker, { force: true })
    await claim[Symbol.asyncDispose]()
    throw error
  }

  async function placeNumbered(temporary: string, image: string): Promise<string> {
    const { name } = parse(image)
    const key = name.toLowerCase() // one file on systems that ignore case
    for (let number = (numbers.get(key) ?? 0) + 1; ; number++) {
      const file = number === 1 ? `${name}.png` : `${name}-${number}.png`
      const owner = owners.get(file.toLowerCase())
      if (owner !== undefined && !(overwrite && owner === image)) continue
      const path = join(folder, file)
      if (!(await placeFile(temporary, path, overwrite))) continue
      if (overwrite) owners.set(file.toLowerCase(), image)
      else numbers.set(key, number)
      return path
    }
  }
  return {
    async write(image, content) {
      const temporary = claim.temporary()
      try {
        await writeFile(temporary, content)
        const path = await placeNumbered(temporary, image)
        written++
        return path
      } finally {
        await rm(temporary, { force: true })
      }
    },
    async [Symbol.asyncDispose]() {
      if (written === 0 && !isMarked) await rm(marker, { force: true })
      await claim[Symbol.asyncDispose]()
    },
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
