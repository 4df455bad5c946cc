/** The purpose of a folder in a data set. */
export type Purpose = 'good' | 'defective' | 'masks' | 'train' | 'test' | 'validation'

const WORDS: Readonly<Record<Purpose, readonly string[]>> = {
  good: [
    'good',
    'ok',
    'okay',
    'io',
    'normal',
    'nondefective',
    'nodefect',
    'defectfree',
    'faultless',
    'flawless',
    'passed',
    'pass',
  ],
  defective: [
    'ng',
    'nok',
    'ko',
    'nio',
    'bad',
    'defect',
    'defective',
    'anomaly',
    'anomalie',
    'anomalous',
    'abnormal',
    'faulty',
  ].concat(['notok', 'notgood', 'reject', 'rejected', 'fail', 'failed', 'faulty']),
  masks: ['mask', 'groundtruth', 'gt', 'label', 'annotation', 'segmentation', 'segmentationmask'],
  train: ['train', 'training'],
  test: ['test', 'testing'],
  validation: ['validation', 'val', 'valid'],
}

/**
 * The purpose of a folder by its name in any letter case, in the words of many data sets: `OK`, `normal_dir` and `Goods` are good
 * parts.
 */
export function purposeOf(name: string): Purpose | undefined {
  const word = bare(name)
  for (const [purpose, words] of Object.entries(WORDS) as [Purpose, readonly string[]][]) {
    if (words.includes(word) || words.includes(word.replace(/e?s$/, '')) || words.includes(word.replace(/s$/, ''))) {
      return purpose
    }
  }
  return undefined
}

/** Whether a name may be meant as another: it has the same purpose, or differs by one typo. */
export function isNearName(name: string, expected: string): boolean {
  const purpose = purposeOf(expected)
  return (purpose !== undefined && purposeOf(name) === purpose) || isSlip(bare(name), bare(expected))
}

/** Whether two names differ at most in letter case. */
export function isSameButForCase(a: string, b: string): boolean {
  return a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase()
}

/** Whether an image is a mask by its name, as in data sets that keep both in one folder: `0_mask.png`, `0_GT.png`. */
export function isMaskStem(stem: string): boolean {
  return MASK_ENDING.test(stem)
}

/** The stem of the image that a mask belongs to, by {@link isMaskStem}. */
export function stemOfMasked(stem: string): string {
  return stem.replace(MASK_ENDING, '')
}

const MASK_ENDING = /[ _.-](masks?|gt|ground_?truth|labels?)$/i

/** A name without letter case, separators, and `dir`, `images` and the like at the end. */
function bare(name: string): string {
  const letters = name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_.-]/g, '')
  return letters.replace(/(dir|folder|image|img|part|sample|set|data)s?$/, '') || letters
}

/** One letter wrong, extra or missing, or two neighbours swapped. */
function isSlip(a: string, b: string): boolean {
  if (a === b) return true
  if (b.length < 3 || Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  const [restA, restB] = [a.slice(start), b.slice(start)]
  if (restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1)) return true
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2)
}
