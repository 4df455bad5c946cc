import { TabError } from '@tab/core'
import { Option, type Command } from 'commander'
import {
  DETECTOR_FIELDS,
  DETECTOR_METHODS,
  type DetectorMethod,
  type DetectorSpec,
  type ForeignSpec,
} from '@tab/pipeline'
import { imageScore, nameList, numbersOf3, numberWithin, scaleList, share, wholeNumber } from './options.ts'

/** What {@link addDetectorOptions} adds. */
export interface DetectorFlags {
  readonly detector: DetectorMethod
  readonly layers?: readonly string[]
  readonly features?: 'concatenated' | 'reference'
  readonly neighbors?: number
  readonly reweighting?: number
  readonly coresetRatio?: number
  readonly coresetSize?: number
  readonly memoryLimit?: number
  readonly adapt?: true
  readonly imageScore?: 'max' | { readonly topShare: number }
  readonly position?: number
  readonly scales?: readonly number[]
  readonly rotations?: boolean
  readonly flips?: boolean
  readonly explainedVariance?: number
  readonly components?: number
  readonly dimensions?: number
  readonly interpolation?: 'bilinear' | 'nearest'
  readonly class?: string
  readonly patchWeight?: number
  readonly sigma?: number
  readonly mean?: readonly [number, number, number]
  readonly std?: readonly [number, number, number]
}

const MEGABYTE = 2 ** 20

/** The detection method and its settings as options of a command. Maps stay at the size of the images, which metrics and heatmaps need. */
export function addDetectorOptions(command: Command): Command {
  return command
    .addOption(new Option('--detector <name>', 'detection method').choices(DETECTOR_METHODS).default('patchcore'))
    .option(
      '--layers <names>',
      'patchcore, padim, subspace: feature layers, shallow first (default: layer2,layer3; padim: layer1 too)',
      nameList,
    )
    .addOption(
      new Option('--coreset-ratio <share>', 'patchcore: share of the patches kept in the memory bank (default: 0.1)')
        .argParser(share)
        .conflicts('coresetSize'),
    )
    .option('--coreset-size <n>', 'patchcore: number of patches kept, in place of the share', wholeNumber(1))
    .addOption(
      new Option(
        '--features <kind>',
        "patchcore: anomalib's (concatenated, default) or the authors' (reference)",
      ).choices(DETECTOR_FIELDS.patchcore.features.unwrap().options),
    )
    .option('--neighbors <k>', 'patchcore: a score is the mean distance to so many (default: 1)', wholeNumber(1))
    .option(
      '--reweighting <b>',
      'patchcore: weigh image scores by so many bank neighbours (anomalib: 9)',
      wholeNumber(2),
    )
    .option('--memory-limit <MiB>', 'patchcore: most that fitting holds in patch features', wholeNumber(1))
    .option('--adapt', 'patchcore: adapt the features to the part first, with synthetic defects of its good images')
    .option(
      '--image-score <max|share>',
      'patchcore, subspace: the highest patch, or the mean of the highest share of patches, such as 0.01 (default: patchcore max, subspace 0.01)',
      imageScore,
    )
    .option(
      '--position <share>',
      'patchcore: compare patches only within so much of the height and width, for parts that lie in one position',
      numberWithin(0, 1),
    )
    .option(
      '--scales <list>',
      'patchcore, subspace: describe patches at several sizes of the image, such as 1,0.5',
      scaleList,
    )
    .option('--rotations', 'patchcore, subspace: fit on quarter turns of the good images too; they must be square')
    .option('--flips', 'patchcore, subspace: fit on mirror images of the good images too')
    .addOption(
      new Option(
        '--explained-variance <share>',
        'subspace: components that explain so much of the variance of good patches (default: 0.99)',
      )
        .argParser(share)
        .conflicts('components'),
    )
    .option('--components <n>', 'subspace: number of components, in place of the share', wholeNumber(0))
    .option('--dimensions <n>', 'padim: channels drawn at random (default: 100)', wholeNumber(1))
    .addOption(
      new Option('--interpolation <name>', 'padim: how deeper layers are resized (default: bilinear)').choices(
        DETECTOR_FIELDS.padim.interpolation.unwrap().options,
      ),
    )
    .option(
      '--class <name>',
      'text-guided: class of the pre-training (default: its only one), or any name on tab-resnet18',
    )
    .option(
      '--patch-weight <share>',
      "text-guided: the map's part in an image's score (default: 0.5)",
      numberWithin(0, 1),
    )
    .option('--sigma <pixels>', 'Gaussian over the anomaly map (default: 4)', numberWithin(0, 100))
    .option(
      '--mean <r,g,b>',
      'of an .onnx of another program, for RGB in [0,1]; with --layers and --std, or NAME.json beside it',
      numbersOf3,
    )
    .option('--std <r,g,b>', 'of an .onnx of another program', numbersOf3)
}

/** Settings of all methods, which the flags are named after. */
const SETTINGS = [...new Set(Object.values(DETECTOR_FIELDS).flatMap((fields) => Object.keys(fields)))]

/** The spec that the flags make; a flag of another method is wrong usage. */
export function detectorSpecOf(command: Command, flags: DetectorFlags): DetectorSpec {
  const { detector: method, memoryLimit } = flags
  const values: Readonly<Record<string, unknown>> = { ...flags, memoryLimit: memoryLimit && memoryLimit * MEGABYTE }
  const given = SETTINGS.map((name) => [name, values[name]] as const).filter(([, value]) => value !== undefined)
  const foreign = given.find(([name]) => !(name in DETECTOR_FIELDS[method]))
  if (foreign) {
    const flag = foreign[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    command.error(`error: --${flag} is not an option of ${method}`)
  }
  return { method, ...Object.fromEntries(given) } as DetectorSpec
}

/** What the flags say of an ONNX file of another program: the mean and the deviation, or nothing. */
export function foreignSpecOf({ mean, std }: DetectorFlags): ForeignSpec | undefined {
  if (mean && std) return { mean, std }
  if (!mean && !std) return undefined
  const [given, missing] = mean ? ['--mean', '--std'] : ['--std', '--mean']
  throw new TabError('INVALID_ARGUMENT', { where: given, expected: `${missing} beside it`, actual: 'none' })
}
