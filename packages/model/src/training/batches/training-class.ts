import { checkNumber, deriveRng, formatShape, shuffle, TabError, type Tensor } from '@tab/core'

/** Normal images of a class, read when they are needed. */
export interface ImageSource {
  readonly length: number
  /** An image [H,W,3], RGB in [0,1]; the same for the same index. */
  read(index: number): Tensor | Promise<Tensor>
  /** What an error calls an image, such as its file. Default: its class and index. */
  nameOf?(index: number): string
  /** Digest of the content of all images as `read` gives them. Default: where checkpoints are kept, all images are read once to make it. */
  readonly digest?: string
}

/** A class of the training. */
export interface TrainingClass {
  readonly name: string
  readonly images: ImageSource
  /** Text prototypes [D] of its two states, unit vectors, as `encodePrompts` of `@tab/prompts` gives them. */
  readonly prototypes: { readonly normal: Tensor; readonly abnormal: Tensor }
}

/** Which images of a class are learnt from, and which are kept for validation. */
export interface ClassSplit {
  readonly training: readonly number[]
  readonly heldOut: readonly number[]
}

/**
 * Checks the classes.
 * @returns the dimension of the text space
 * @throws INVALID_ARGUMENT for no class, an empty one, two of a name, or prototypes of different dimensions
 */
export function checkClasses(classes: readonly TrainingClass[]): number {
  const where = 'pretrain'
  checkNumber(where, 'the number of classes', classes.length, { integer: true, minimum: 1 })
  const dimension = classes[0]?.prototypes.normal.shape[0] as number
  for (const [index, { name, images, prototypes }] of classes.entries()) {
    if (classes.findIndex((other) => other.name === name) !== index) {
      throw new TabError('INVALID_ARGUMENT', {
        where,
        expected: 'classes of different names',
        actual: `"${name}" twice`,
      })
    }
    checkNumber(where, `the number of images of class "${name}"`, images.length, { integer: true, minimum: 1 })
    for (const [state, { shape, data }] of Object.entries(prototypes) as [string, Tensor][]) {
      const finite = data.every(Number.isFinite)
      if (shape.length !== 1 || shape[0] !== dimension || !finite) {
        throw new TabError('INVALID_ARGUMENT', {
          where,
          expected: `the ${state} prototype of class "${name}" must be finite numbers [${dimension}], as of "${classes[0]?.name}"`,
          actual: finite ? formatShape(shape) : 'a number that is not finite',
        })
      }
    }
  }
  return dimension
}

/**
 * Keeps a share of every class for validation: at least one image of a class of five or more, none of a smaller one.
 */
export function splitClasses(classes: readonly TrainingClass[], heldOutShare: number, seed: number): ClassSplit[] {
  return classes.map(({ name, images }) => {
    const order = shuffle(deriveRng(seed, 'held out', name), [...Array(images.length).keys()])
    const count = heldOutShare > 0 && order.length >= 5 ? Math.max(1, Math.floor(heldOutShare * order.length)) : 0
    return { heldOut: order.slice(0, count), training: order.slice(count) }
  })
}
