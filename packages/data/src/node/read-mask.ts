import { TabError, tensorOf, type Tensor } from '@tab/core'
import { decodeImage, type Pixels } from './decode-image.ts'

/** A doubt about a mask file, whatever image it belongs to. */
export interface MaskFileFault {
  /** The first two leave the marked pixels open, the last does not. */
  readonly kind: 'alpha-mask' | 'lossy-mask' | 'noisy-mask'
  readonly message: string
}

/** A mask and the doubt about its file, if any. */
export interface InspectedMask {
  /** [H,W], 1 where defective */
  readonly mask: Tensor<'uint8'>
  readonly fault: MaskFileFault | undefined
}

/**
 * Reads a ground truth mask: 1 where any colour channel is not 0. In lossy files (JPEG, AVIF, lossy WebP, JPEG in TIFF), whose black
 * is not exact, 1 where any channel is at least half of white.
 * @returns [H,W]
 * @throws NOT_FOUND, or INVALID_DATA if the file is not a readable image, stores its mask only as transparency, or is lossy and not
 * black and white; both name the file
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
 * Reads a mask and reports doubts about it instead of throwing.
 * @throws NOT_FOUND, or INVALID_DATA if the file is not a readable image; both name the file
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
  message: 'has one colour everywhere and varies only in transparency; save it as black and white',
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

/** JPEG keeps black at 0 and white near white, even for single pixels; values between have no known meaning. */
function lossyFault(brightness: Float64Array, maximum: number): MaskFileFault | undefined {
  let [largest, white, between] = [0, 0, 0]
  for (const value of brightness) {
    if (value > largest) largest = value
    if (value >= maximum * 0.75) white++
    else if (value >= maximum * 0.25) between++
  }
  const advice = 'must be black and white; save it without loss, as PNG'
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

/** A lossless mask that was once a JPEG, or was enlarged: more pixels are nearly black than nearly white. */
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
