import { join } from 'node:path'

/** A folder with one small good input of every kind, that anyone may read, and a folder `out` that anyone may write. */
export interface Workplace {
  readonly root: string
  readonly out: string
}

/** What the inputs are called in the workplace. */
export const INPUTS = {
  DATA: 'washers',
  NETWORK: 'narrow.onnx',
  WEIGHTS: 'resnet18.safetensors',
  DETECTOR: 'detector.safetensors',
  CLIP: 'tiny-clip',
  CONFIG: 'benchmark.yaml',
  CACHE: 'features',
  REGION: 'region.json',
  CORNER: 'corner.json',
  FITS: 'fits.yaml',
} as const

/** What an input of a command is. */
export type InputKind =
  | 'data'
  | 'images'
  | 'watched'
  | 'weights'
  | 'detector'
  | 'text model'
  | 'config'
  | 'cache'
  | 'area'
  | 'folder'
  | 'fits'

/** A row of the table: how a command is called, and what it reads and writes. */
export interface CommandRow {
  /** In capitals: inputs of the workplace; OUT is where it writes. */
  readonly args: string
  /** By flag, or by the word that stands for an argument: what it is. */
  readonly inputs: Readonly<Record<string, InputKind>>
  /** The flag of what it writes. */
  readonly output?: '--output' | '--heatmaps'
  /** Name of what it writes in the folder; none where that is the folder itself. */
  readonly file?: string
  /** How many files and folders it claims there, each by a lock. */
  readonly claims?: number
  /** Whether it takes a minute or never ends, so that no row runs it to its end. */
  readonly isLong?: boolean
}

/** A queue that does not answer: what is wrong before it is found before it. */
const QUEUE = '--jobs-url postgres://127.0.0.1:1/none'

const FITTING = '--image-size 32 --coreset-ratio 0.2'

/** Every command; `predict` thrice, as it works in three ways, and two with a cache and without. */
export const COMMANDS: Readonly<Record<string, CommandRow>> = {
  fit: {
    args: `fit --data DATA --backbone NETWORK ${FITTING} --no-suspects --output OUT`,
    inputs: { '--data': 'data', '--backbone': 'weights' },
    output: '--output',
    claims: 2,
    file: 'fitted.safetensors',
  },
  'fit --region': {
    args: `fit --data DATA --backbone NETWORK ${FITTING} --no-suspects --region REGION --ignore CORNER --output OUT`,
    inputs: { '--region': 'area', '--ignore': 'area' },
    file: 'fitted.safetensors',
  },
  predict: {
    args: 'predict --model DETECTOR --backbone NETWORK --threshold 1e9 DATA',
    inputs: { '--model': 'detector', '--backbone': 'weights', DATA: 'images' },
  },
  'predict --heatmaps': {
    args: 'predict --model DETECTOR --backbone NETWORK --threshold 1e9 --heatmaps OUT DATA',
    inputs: { '--model': 'detector', '--backbone': 'weights', DATA: 'images' },
    output: '--heatmaps',
    claims: 1,
  },
  'predict --watch': {
    args: 'predict --watch --model DETECTOR --backbone NETWORK --threshold 1e9 --heatmaps OUT DATA',
    inputs: { '--model': 'detector', '--backbone': 'weights', DATA: 'watched' },
    output: '--heatmaps',
    claims: 1,
    isLong: true,
  },
  evaluate: {
    args: `evaluate --data DATA --backbone NETWORK ${FITTING} --output OUT`,
    inputs: { '--data': 'data', '--backbone': 'weights' },
    output: '--output',
    claims: 2,
  },
  'evaluate --region': {
    args: `evaluate --data DATA --backbone NETWORK ${FITTING} --region REGION --ignore CORNER --output OUT`,
    inputs: { '--region': 'area', '--ignore': 'area' },
  },
  choose: {
    args: 'choose --data DATA --backbone NETWORK --detector subspace --image-size 32 --output OUT',
    inputs: { '--data': 'data', '--backbone': 'weights' },
    output: '--output',
    claims: 2,
  },
  benchmark: {
    args: 'benchmark --config CONFIG --data DATA --backbone NETWORK --detector patchcore --image-size 32 --no-cache --output OUT',
    inputs: { '--config': 'config', '--data': 'data', '--backbone': 'weights' },
    output: '--output',
    claims: 6,
  },
  'benchmark --cache': {
    args: 'benchmark --config CONFIG --data DATA --backbone NETWORK --detector patchcore --image-size 32 --cache CACHE --output OUT',
    inputs: { '--cache': 'cache' },
  },
  'benchmark --store': {
    args: `benchmark --config CONFIG --data DATA --backbone NETWORK --detector patchcore ${QUEUE} --store CACHE --output OUT`,
    inputs: { '--store': 'cache' },
    isLong: true,
  },
  worker: { args: `worker ${QUEUE} --cache CACHE`, inputs: { '--cache': 'cache' }, isLong: true },
  'jobs list': { args: `jobs list ${QUEUE}`, inputs: {}, isLong: true },
  'jobs watch': { args: `jobs watch ${QUEUE}`, inputs: {}, isLong: true },
  'jobs cancel': { args: `jobs cancel ${QUEUE} --all`, inputs: {}, isLong: true },
  'jobs retry': { args: `jobs retry ${QUEUE} --all`, inputs: {}, isLong: true },
  'jobs upgrade': { args: `jobs upgrade ${QUEUE}`, inputs: {}, isLong: true },
  'jobs fit': {
    args: `jobs fit ${QUEUE} --specs FITS --store CACHE`,
    inputs: { '--specs': 'fits', '--store': 'cache' },
    isLong: true,
  },
  pretrain: {
    args:
      'pretrain --data DATA --init WEIGHTS --text-model lexical --image-size 32 --batch 2 --steps 1 --workers 0 --engine wasm --threads 1 ' +
      '--set imageLayer=layer1 patchLayers=layer1 trainableStages=layer1 --output OUT',
    inputs: { '--data': 'data', '--init': 'weights', '--text-model': 'text model' },
    output: '--output',
    claims: 7,
  },
  synth: {
    args: 'synth --input DATA --count 1 --output OUT',
    inputs: { '--input': 'data' },
    output: '--output',
    claims: 4,
  },
  'prompts encode': {
    args: 'prompts encode --class screw --model CLIP --offline --output OUT',
    inputs: { '--model': 'text model' },
    output: '--output',
    claims: 1,
    file: 'screw.safetensors',
  },
  'prompts encode --cache': {
    args: 'prompts encode --class screw --model CLIP --offline --cache CACHE --output OUT',
    inputs: { '--cache': 'cache' },
    file: 'screw.safetensors',
  },
  prompts: { args: 'prompts --class screw', inputs: {} },
  export: {
    args: 'export --backbone WEIGHTS --output OUT',
    inputs: { '--backbone': 'weights' },
    output: '--output',
    claims: 1,
    file: 'exported.onnx',
  },
  'data check': { args: 'data check DATA', inputs: { DATA: 'data' } },
  serve: {
    args: 'serve --products DATA --state CACHE --folder DATA --port 0 --threads 1',
    inputs: { '--products': 'folder', '--state': 'cache', '--folder': 'folder' },
    isLong: true,
  },
  studio: { args: 'studio --port 0', inputs: {}, isLong: true },
  doctor: { args: 'doctor', inputs: {} },
  demo: { args: 'demo --output OUT', inputs: {}, output: '--output', claims: 3, isLong: true },
}

/**
 * The words of a command.
 * @param change other values, by flag or word
 * @param out where it writes, below the folder `out`
 */
export function argsOf(
  { root, out }: Workplace,
  name: string,
  change: Readonly<Record<string, string>> = {},
  file: string = COMMANDS[name]?.file ?? '.',
): string[] {
  const words = (COMMANDS[name]?.args ?? '').split(' ')
  return words.map((word, index) => {
    const changed = change[words[index - 1] ?? ''] ?? (word.startsWith('--') ? undefined : change[word])
    if (changed !== undefined) return changed
    if (word === 'OUT') return join(out, file)
    return word in INPUTS ? join(root, INPUTS[word as keyof typeof INPUTS]) : word
  })
}
