import type { Sample } from '../../dataset.ts'
import type { FolderTree } from './folder-tree.ts'
import type { Reading } from './layout.ts'
import type { Problem, ProblemKind } from './problem.ts'

const IMAGE = /\.(png|jpe?g|bmp|tiff?|webp)$/i

/** Whether a file name is that of an image. */
export function isImageName(name: string): boolean {
  return IMAGE.test(name)
}

/** A file name without its last suffix. */
export function stem(name: string): string {
  return name.replace(/\.[^.]*$/, '')
}

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
  addSample(sample: FoundSample): void
  addProblem(kind: ProblemKind, path: string, message: string): void
  /** Says that a file belongs to the data set although no sample names it. */
  know(file: string): void
  /** Says that a mask belongs to the sample of that file, of which it is not the `maskPath`. */
  addFurtherMask(file: string, mask: string): void
  /** The whole of it; without a good training image that is a problem too, told of the folder `trainedFrom`. */
  finish(trainedFrom: string): Reading
}

/** An empty reading of a tree. */
export function readingBuilder(tree: FolderTree): ReadingBuilder {
  const samples: Sample[] = []
  const problems: Problem[] = []
  const known = new Set<string>()
  const masks = new Map<string, string[]>()
  function keepMask(file: string, mask: string): void {
    known.add(mask)
    masks.set(file, [...(masks.get(file) ?? []), mask])
  }
  return {
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
    finish(trainedFrom) {
      if (!samples.some(({ split, label }) => split === 'train' && label === 0)) {
        problems.push({ kind: 'no-training-images', path: trainedFrom, message: 'must hold images of good parts' })
      }
      return { samples, problems, known, masks }
    },
  }
}
