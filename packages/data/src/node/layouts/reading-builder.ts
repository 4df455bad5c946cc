import type { Sample } from '../../dataset.ts'
import { goodImagesOf } from '../../good-images.ts'
import type { Problem, ProblemKind } from '../../problem.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Reading } from './layout.ts'

/** A sample as a layout sees it; paths are relative to the tree. */
export interface FoundSample {
  readonly file: string
  readonly split: Sample['split']
  readonly defect: string
  readonly mask?: string | undefined
  readonly category?: string | undefined
}

/** Collects what a layout finds. */
export interface ReadingBuilder {
  /** The names of the images in a folder. From then on its images count as read, and everything else in it is reported. */
  images(folder: string): Promise<readonly string[]>
  addSample(sample: FoundSample): void
  addProblem(kind: ProblemKind, path: string, message: string): void
  /** Marks a file as part of the data set although no sample names it. */
  know(file: string): void
  /** Assigns a mask to the sample of a file without being its `maskPath`. */
  addFurtherMask(file: string, mask: string): void
  /** Marks a file as the mask of a good image, which must be black. */
  addBlackMask(mask: string): void
  /** The result; the lack of a good training image is a problem of the folder `trainedFrom`. */
  finish(trainedFrom: string): Reading
}

/** An empty reading of a tree. */
export function readingBuilder(tree: FolderTree): ReadingBuilder {
  const samples: Sample[] = []
  const problems: Problem[] = []
  const known = new Set<string>()
  const folders = new Set<string>()
  const masks = new Map<string, string[]>()
  const blackMasks: string[] = []
  function keepMask(file: string, mask: string): void {
    known.add(mask)
    masks.set(file, [...(masks.get(file) ?? []), mask])
  }
  return {
    images(folder) {
      folders.add(folder)
      return tree.images(folder)
    },
    addSample({ file, split, defect, mask, category }) {
      known.add(file)
      if (mask !== undefined) keepMask(file, mask)
      samples.push({
        id: file,
        path: tree.path(file),
        split,
        label: defect === 'good' ? 0 : 1,
        defect,
        ...(mask === undefined ? {} : { maskPath: tree.path(mask) }),
        ...(category === undefined ? {} : { category }),
      })
    },
    addProblem: (kind, path, message) => void problems.push({ kind, path, message }),
    know: (file) => void known.add(file),
    addFurtherMask: keepMask,
    addBlackMask(mask) {
      known.add(mask)
      blackMasks.push(mask)
    },
    finish(trainedFrom) {
      if (goodImagesOf({ samples }).length === 0) {
        problems.push({ kind: 'no-training-images', path: trainedFrom, message: 'must hold images of good parts' })
      }
      return { samples, problems, known, folders, masks, blackMasks }
    },
  }
}
