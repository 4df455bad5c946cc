import { TabError, tensorOf, type Tensor } from '@tab/core'
import { decodeImage, type Pixels } from './decode-image.ts'

/** What makes a mask file doubtful, whatever it belongs to. */
export interface MaskFileFault {
  /** The first two leave open which pixels are meant, the last does not. */
  readonly kind: 'alpha-mask' | 'lossy-mask' | 'noisy-mask'
  readonly message: string
}

/** A mask and what is doubtful about its file. */
export interface InspectedMask {
  /** [H,W], 1 where defective */
  readonly mask: Tensor<'uint8'>
  readonly fault: MaskFileFault | undefined
}

/**
 * Reads a ground truth mask: 1 where any colour channel is not 0. Of a lossy file (JPEG, AVIF, lossy WebP, JPEG inside TIFF), whose
 * black is not quite black, 1 where any channel is at least half of white.
 * @returns [H,W]
 * @throws NOT_FOUND, or INVALID_DATA when the file is no readable image, holds its mask as transparency alone, or is lossy and not
 * of black and white; both name the file
 * @example
 * ```ts
 * import { readMask } from '@tab/data/node'
 * const mask = await readMask('washers/ground_truth/dent/000_mask.png')
 * console.log(mask.shape, mask.data.includes(1)) // [ 64, 64 ] true
 * ```
 */
export async function readMask(path: string): Promise<Tensor<'uint8'>> {
  const { mask, fault } = await inspectMask(path, 'readMask')
  if (!fault || fault.kind === 'noisy-mask') return mask
  throw new TabError('INVALID_DATA', { where: 'readMask', message: `the mask ${path} ${fault.message}` })
}

/**
 * Reads a mask, and says what is doubtful about it instead of refusing it.
 * @throws NOT_FOUND, or INVALID_DATA when the file is no readable image; both name the file
 */
export async function inspectMask(path: string, where: string): Promise<InspectedMask> {
  const pixels = await decodeImage(path, where)
  const { width, height, maximum, isLossy } = pixels
  const brightness = brightest(pixels)
  const mask = new Uint8Array(width * height)
  const least = maximum / 2
  brightness.forEach((value, i) => void (mask[i] = (isLossy ? value >= least : value > 0) ? 1 : 0))
  const fault = isAlphaOnly(pixels)
    ? ALPHA_ONLY
    : isLossy
      ? lossyFault(brightness, maximum)
      : noise(brightness, maximum)
  return { mask: tensorOf('uint8', [height, width], mask), fault }
}

const ALPHA_ONLY: MaskFileFault = {
  kind: 'alpha-mask',
  message: 'has one colour everywhere and differs in its transparency alone; save it as black and white',
}

/** The largest colour channel of each pixel. */
function brightest({ width, height, channels, data }: Pixels): Float64Array {
  const colors = channels < 3 ? 1 : 3
  const values = new Float64Array(width * height)
  for (let i = 0; i < values.length; i++) {
    let most = 0
    for (let c = 0; c < colors; c++) {
      const value = data[i * channels + c] as number
      if (value > most) most = value
    }
    values[i] = most
  }
  return values
}

function isAlphaOnly({ channels, data }: Pixels): boolean {
  if (channels % 2 === 1) return false
  let isAlphaVaried = false
  for (let i = 0; i < data.length; i += channels) {
    for (let c = 0; c < channels - 1; c++) if (data[i + c] !== data[c]) return false
    if (data[i + channels - 1] !== data[channels - 1]) isAlphaVaried = true
  }
  return isAlphaVaried
}

/** JPEG keeps black as 0 and white near white, even of single pixels; what is between stands for nothing that is known. */
function lossyFault(brightness: Float64Array, maximum: number): MaskFileFault | undefined {
  let [largest, white, between] = [0, 0, 0]
  for (const value of brightness) {
    if (value > largest) largest = value
    if (value >= maximum * 0.75) white++
    else if (value >= maximum * 0.25) between++
  }
  const advice = 'must hold black and white; save it without loss, as PNG'
  if (largest > 0 && largest < maximum * 0.625) {
    return {
      kind: 'lossy-mask',
      message: `is stored with loss, and its brightest value is ${largest} of ${maximum}: it ${advice}`,
    }
  }
  if (between <= white) return undefined
  const message = `is stored with loss, and more of its pixels are grey (${between}) than white (${white}): it ${advice}`
  return { kind: 'lossy-mask', message }
}

/** A mask without loss that was a JPEG before, or was enlarged: more pixels are nearly black than nearly white. */
function noise(brightness: Float64Array, maximum: number): MaskFileFault | undefined {
  let [dark, white] = [0, 0]
  for (const value of brightness) {
    if (value >= maximum * 0.875) white++
    else if (value > 0 && value < maximum * 0.125) dark++
  }
  if (white === 0 || dark <= white) return undefined
  const message = `has ${white} pixels near white and ${dark} that are nearly black, which count as defective too`
  return { kind: 'noisy-mask', message }
}
