/**
 * What can be wrong with a data set on disk. True for what makes its samples wrong, so that it cannot be opened (where opening it
 * shows: images and masks are not read then); the rest is only reported.
 */
export const PROBLEM_KINDS = {
  'no-training-images': true,
  'missing-image': true,
  'missing-mask': true,
  'invalid-row': true,
  unreadable: true,
  'mask-size': true,
  /** A folder whose name is nearly that of a folder of the layout, or says something else than the layout takes it for. */
  'misnamed-folder': true,
  /** Images below a folder whose images are read. */
  'nested-images': true,
  /** Two images of one name but for its suffix, or its Unicode form, where masks are found by names. */
  'same-stem': true,
  /** A mask, by its name, among images. */
  'mask-as-image': true,
  /** A defective image's mask that marks nothing. */
  'black-mask': true,
  /** A mask that is transparency alone. */
  'alpha-mask': true,
  /** A mask stored with loss that is not of black and white. */
  'lossy-mask': true,
  'inverted-mask': false,
  'noisy-mask': false,
  /** A good image's mask that marks something. */
  'marked-good': false,
  /** A picture of a format that is not read, or without its suffix. */
  'left-out': false,
  'invalid-name': false,
  'circular-link': false,
  /** The output of a command. */
  'output-folder': false,
  /** A folder beside the categories that is none. */
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
  /** Where, relative to the root that was asked about. */
  readonly path: string
  /** What is wrong there, in words. */
  readonly message: string
}

/**
 * How many of each kind there are, as words: `2 missing-mask, 1 unknown-file`.
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
 * The first problems, a line each, and how many more there are.
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
