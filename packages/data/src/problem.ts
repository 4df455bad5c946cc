/**
 * What can be wrong with a data set on disk. True for problems that make samples wrong: the data set cannot be opened (as far as
 * opening shows it, which reads no images and masks). The others are only reported.
 */
export const PROBLEM_KINDS = {
  'no-training-images': true,
  'missing-image': true,
  'missing-mask': true,
  'invalid-row': true,
  unreadable: true,
  'mask-size': true,
  /** A folder whose name nearly matches one of the layout, or contradicts the layout's use of it. */
  'misnamed-folder': true,
  /** Images in a subfolder of a folder whose images are read. */
  'nested-images': true,
  /** Two images whose names differ only in suffix or Unicode form, where masks are found by name. */
  'same-stem': true,
  /** A mask among images, judged by its name. */
  'mask-as-image': true,
  /** The mask of a defective image marks nothing. */
  'black-mask': true,
  /** The mask is stored only as transparency. */
  'alpha-mask': true,
  /** A mask in a lossy format that is not black and white. */
  'lossy-mask': true,
  'inverted-mask': false,
  'noisy-mask': false,
  /** The mask of a good image marks something. */
  'marked-good': false,
  /** A picture in a format that is not read, or without its suffix. */
  'left-out': false,
  'invalid-name': false,
  'circular-link': false,
  /** The output of a command. */
  'output-folder': false,
  /** A folder next to the categories that is not a category. */
  'no-category': false,
  'no-mask-folder': false,
  'extra-mask': false,
  'empty-folder': false,
  'unknown-file': false,
} as const

export type ProblemKind = keyof typeof PROBLEM_KINDS

/** One thing that is wrong with a data set on disk. */
export interface Problem {
  readonly kind: ProblemKind
  /** The path, relative to the root that was checked. */
  readonly path: string
  /** What is wrong, in words. */
  readonly message: string
}

/**
 * The number of problems of each kind: `2 missing-mask, 1 unknown-file`.
 * @example
 * ```ts
 * import { countProblems } from '@tab/data/node'
 * const problems = [{ kind: 'missing-mask', path: 'test/dent/001.png', message: 'has no mask' }] as const
 * console.log(countProblems(problems)) // 1 missing-mask
 * ```
 */
export function countProblems(problems: readonly Problem[]): string {
  const counts = new Map<ProblemKind, number>()
  for (const { kind } of problems) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
}

/**
 * The first problems, one per line, and the number of the others.
 * @example
 * ```ts
 * import { describeProblems } from '@tab/data/node'
 * const problems = [{ kind: 'missing-mask', path: 'test/dent/001.png', message: 'has no mask' }] as const
 * console.log(describeProblems(problems).trim()) // test/dent/001.png: has no mask
 * ```
 */
export function describeProblems(problems: readonly Problem[], limit = 20): string {
  const lines = problems.slice(0, limit).map(({ path, message }) => `  ${path}: ${message}`)
  if (problems.length > limit) lines.push(`  and ${problems.length - limit} more`)
  return lines.join('\n')
}
