import { LAYOUT_NAMES } from '@tab/data'
import { InvalidArgumentError, Option, type Command } from 'commander'

/** How flags that take a backbone describe it. */
export const BACKBONE_HELP: string =
  'weights: tab-resnet18, which is bundled, .safetensors with torchvision names, .onnx, a folder of tab pretrain or of a vision transformer (DINOv2, DINOv3, CLIP, SigLIP in ONNX), or a hub id such as timm/resnet18.a1_in1k'

/** A parser of a whole number from `minimum`, for a commander option. */
export function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= minimum) return value
    throw new InvalidArgumentError(`expected a whole number from ${minimum}, got "${text}"`)
  }
}

/** A parser of a share above 0 and up to 1. */
export function share(text: string): number {
  const value = Number(text)
  if (value > 0 && value <= 1) return value
  throw new InvalidArgumentError(`expected a number above 0 and up to 1, got "${text}"`)
}

/** A parser of a number from `minimum` to `maximum`. */
export function numberWithin(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value >= minimum && value <= maximum) return value
    throw new InvalidArgumentError(`expected a number from ${minimum} to ${maximum}, got "${text}"`)
  }
}

/** A parser of how an image is scored: `max`, or a share of its patches whose mean counts. */
export function imageScore(text: string): 'max' | { topShare: number } {
  return text === 'max' ? text : { topShare: share(text) }
}

/** A parser of scales with commas between, each above 0 and up to 1. */
export function scaleList(text: string): number[] {
  return text.split(',').map(share)
}

/** A parser of three numbers with commas between, one of each channel. */
export function numbersOf3(text: string): [number, number, number] {
  const values = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  if (values.length === 3 && values.every(Number.isFinite)) return values as [number, number, number]
  throw new InvalidArgumentError(`expected three numbers with commas between, got "${text}"`)
}

/** A parser of a list of names with commas between. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim())
  if (names.every((name) => name !== '')) return names
  throw new InvalidArgumentError(`expected names with commas between, got "${text}"`)
}

/** A parser of an image size: `224` for a square, `224x320` for height x width. */
export function imageSize(text: string): [number, number] {
  const [, height, width] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? []
  const size: [number, number] = [Number(height), Number(width ?? height)]
  if (size.every((side) => side >= 32 && side <= 16384)) return size
  throw new InvalidArgumentError(`expected SIDE or HEIGHTxWIDTH from 32 to 16384, got "${text}"`)
}

/** A parser of image sizes with commas between. */
export function imageSizeList(text: string): [number, number][] {
  return text.split(',').map(imageSize)
}

/** A parser of whole numbers from 0 with commas between. */
export function wholeNumberList(text: string): number[] {
  return text.split(',').map(wholeNumber(0))
}

/** A parser of numbers of normal images with commas between; `full` for all. */
export function shotsList(text: string): (number | 'full')[] {
  return text.split(',').map((part) => (part.trim() === 'full' ? 'full' : wholeNumber(1)(part)))
}

/** A parser of a number above 0. */
export function positive(text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new InvalidArgumentError(`expected a number above 0, got "${text}"`)
}

/** A parser of a rate between 0 and 1. */
export function rate(text: string): number {
  const value = Number(text)
  if (value > 0 && value < 1) return value
  throw new InvalidArgumentError(`expected a rate above 0 and below 1, got "${text}"`)
}

/** `--layout` of a data set. */
export function layoutOption(): Option {
  return new Option('--layout <name>', 'layout of the data set (default: found by what it holds)').choices(LAYOUT_NAMES)
}

/** `--offline` of every command that may ask the hub. */
export function offlineOption(): Option {
  return new Option(
    '--offline',
    'use models on this disk alone: nothing is looked up on the network (also HF_HUB_OFFLINE=1)',
  ).default(false)
}

/** Whether a command was given {@link offlineOption}. */
export function isOfflineGiven(command: Command): boolean {
  return command.opts<{ offline?: boolean }>().offline === true
}
