import { firstNonFinite, formatShape, readSafetensors, TabError, type SafetensorsEntry, type Tensor } from '@tab/core'
import { ARCHITECTURES, networkSpec, parameterShapes, STAGES, type Architecture, type Stage } from './architecture.ts'
import { IMAGENET_NORMALIZATION, type Backbone, type Normalization } from './backbone.ts'
import { createBackbone } from './create-backbone.ts'

export interface LoadBackboneOptions {
  /** What the file must hold. Default: found out from its tensors. */
  readonly architecture?: Architecture
  /**
   * Take what the file has and fill every missing parameter with random weights of this seed. Default: a missing parameter
   * is an error, except that whole stages may be absent at the end.
   */
  readonly fillMissing?: { readonly seed: number }
  /** Default: what the file says, else that of ImageNet. */
  readonly normalization?: Normalization
}

/** What a weight file had and lacked, exactly. */
export interface LoadReport {
  /** Stages that the file does not hold at all; the backbone ends before them. */
  readonly absentStages: readonly Stage[]
  /** Parameters that were filled with random weights. */
  readonly missing: readonly string[]
  /** Tensors of no known meaning. */
  readonly unexpected: readonly string[]
  /** Tensors that belong to a classifier and are not needed: its head, the BatchNorms' counters. */
  readonly ignored: readonly string[]
}

const WHERE = 'loadBackbone'
const IGNORED = /^(fc\.(weight|bias)|.+\.num_batches_tracked)$/
const FLOAT_TYPES = ['F32', 'F64', 'F16', 'BF16']

/**
 * Reads a backbone from a safetensors file with torchvision's parameter names (timm's are the same for these networks).
 * Names, shapes and element types are all checked before a weight is decoded; then, that every weight is finite.
 * @param bytes the whole file
 * @throws INVALID_DATA for a file that is truncated, malformed, of another architecture, with wrong shapes or types, or with a
 *   weight that is NaN or infinite, naming its tensor
 */
export function loadBackbone(
  bytes: Uint8Array,
  options: LoadBackboneOptions = {},
): { backbone: Backbone; report: LoadReport } {
  const { entries, metadata } = readSafetensors(bytes)
  const architecture = options.architecture ?? inferArchitecture(entries)
  const lastStage = findLastStage(entries, options.fillMissing !== undefined)
  const network = networkSpec(architecture, lastStage)
  const shapes = parameterShapes(network)

  const problems: string[] = []
  const missing: string[] = []
  for (const [name, shape] of shapes) {
    const entry = entries.get(name)
    if (!entry) missing.push(name)
    else if (formatShape(entry.shape) !== formatShape(shape)) {
      problems.push(`${name} must be ${formatShape(shape)}, is ${formatShape(entry.shape)}`)
    } else if (!FLOAT_TYPES.includes(entry.dtype)) problems.push(`${name} must hold floats, holds ${entry.dtype}`)
  }
  if (!options.fillMissing) problems.push(...missing.map((name) => `${name} is missing`))
  if (problems.length > 0) refuse(architecture, problems)

  const filled = missing.length > 0 ? fill(architecture, lastStage, options.fillMissing?.seed ?? 0) : undefined
  const parameters = new Map<string, Tensor>()
  for (const name of shapes.keys()) {
    const entry = entries.get(name)
    const parameter = entry ? toFloat32(entry) : (filled?.get(name) as Tensor)
    const problem = wrongValue(name, parameter)
    if (problem !== undefined) problems.push(problem)
    parameters.set(name, parameter)
  }
  if (problems.length > 0) refuse(architecture, problems)
  const others = [...entries.keys()].filter((name) => !shapes.has(name))
  return {
    backbone: {
      architecture,
      lastStage,
      network,
      layers: network.layers,
      parameters,
      normalization: options.normalization ?? readNormalization(metadata),
    },
    report: {
      absentStages: STAGES.slice(STAGES.indexOf(lastStage) + 1),
      missing,
      unexpected: others.filter((name) => !IGNORED.test(name)),
      ignored: others.filter((name) => IGNORED.test(name)),
    },
  }
}

function refuse(architecture: Architecture, problems: readonly string[]): never {
  const more = problems.length > 5 ? ` and ${problems.length - 5} more` : ''
  throw new TabError('INVALID_DATA', {
    where: WHERE,
    message: `the file does not hold ${architecture}: ${problems.slice(0, 5).join('; ')}${more}`,
  })
}

/** Such as one training step too many leaves behind; its features would be NaN, and every image "good". */
function wrongValue(name: string, { data }: Tensor): string | undefined {
  const wrong = firstNonFinite(data)
  if (wrong >= 0) return `${name} must hold finite numbers, holds ${data[wrong]}`
  const isVariance = name.endsWith('.running_var')
  const negative = isVariance ? data.findIndex((value) => value < 0) : -1
  return negative >= 0 ? `${name} must hold variances, holds ${data[negative]}` : undefined
}

/** Each architecture differs from the others in the shape of one of these tensors, or in having it. */
function inferArchitecture(entries: ReadonlyMap<string, SafetensorsEntry>): Architecture {
  const first = entries.get('layer1.0.conv1.weight')
  if (first) {
    const deeper = entries.has('layer1.2.conv1.weight')
    const shape = formatShape(first.shape)
    if (shape === '[64,64,3,3]') return deeper ? 'resnet34' : 'resnet18'
    if (shape === '[64,64,1,1]') return 'resnet50'
    if (shape === '[128,64,1,1]') return 'wide_resnet50_2'
  }
  const names = [...entries.keys()]
  throw new TabError('INVALID_DATA', {
    where: WHERE,
    expected: `weights of ${ARCHITECTURES.join(', ')} by torchvision's names, with "layer1.0.conv1.weight"`,
    actual: first
      ? `that tensor in shape ${formatShape(first.shape)}`
      : `${names.length} tensors: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ', ...' : ''}`,
  })
}

/** The deepest stage with a tensor in the file: layer4 when what is missing will be filled. */
function findLastStage(entries: ReadonlyMap<string, SafetensorsEntry>, filling: boolean): Stage {
  if (filling) return 'layer4'
  const names = [...entries.keys()]
  return STAGES.findLast((stage) => names.some((name) => name.startsWith(`${stage}.`))) ?? 'layer1'
}

function fill(architecture: Architecture, lastStage: Stage, seed: number): ReadonlyMap<string, Tensor> {
  return createBackbone({ architecture, lastStage, seed }).parameters
}

function toFloat32(entry: SafetensorsEntry): Tensor {
  const decoded = entry.toTensor()
  const data = decoded.dtype === 'float32' ? (decoded.data as Float32Array) : Float32Array.from(decoded.data)
  return { dtype: 'float32', shape: decoded.shape, data }
}

/** Normalisation as {@link saveBackbone} keeps it. */
function readNormalization(metadata: Readonly<Record<string, string>>): Normalization {
  const text = metadata['tab.normalization']
  if (text === undefined) return IMAGENET_NORMALIZATION
  try {
    const { mean, std } = JSON.parse(text) as Normalization
    const isTriple = (value: unknown): boolean =>
      Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)
    if (isTriple(mean) && isTriple(std) && std.every((value) => value > 0)) return { mean, std }
  } catch {
    // Not JSON is as wrong as JSON of another form: both are told below.
  }
  throw new TabError('INVALID_DATA', {
    where: WHERE,
    expected: 'tab.normalization with mean and std of three numbers',
    actual: text,
  })
}
