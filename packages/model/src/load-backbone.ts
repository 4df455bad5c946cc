import {
  firstNonFinite,
  formatShape,
  parseJson,
  readSafetensors,
  TabError,
  type SafetensorsEntry,
  type Tensor,
} from '@tab/core'
import { ARCHITECTURES, networkSpec, parameterShapes, STAGES, type Architecture, type Stage } from './architecture.ts'
import { IMAGENET_NORMALIZATION, type Backbone, type Normalization } from './backbone.ts'
import { createBackbone } from './create-backbone.ts'

export interface LoadBackboneOptions {
  /** What the file must contain. Default: detected from its tensors. */
  readonly architecture?: Architecture
  /**
   * Fills every missing parameter with random weights from this seed. Default: a missing parameter is an error, except that whole
   * stages may be absent at the end.
   */
  readonly fillMissing?: { readonly seed: number }
  /** Default: the one in the file, or that of ImageNet. */
  readonly normalization?: Normalization
}

/** What a weight file contained and lacked. */
export interface LoadReport {
  /** Stages that are entirely absent from the file; the backbone ends before them. */
  readonly absentStages: readonly Stage[]
  /** Parameters that were filled with random weights. */
  readonly missing: readonly string[]
  /** Tensors of unknown meaning. */
  readonly unexpected: readonly string[]
  /** Tensors that only a classifier needs: its head, and the counters of the BatchNorms. */
  readonly ignored: readonly string[]
}

const WHERE = 'loadBackbone'
const IGNORED = /^(fc\.(weight|bias)|.+\.num_batches_tracked)$/
const FLOAT_TYPES = ['F32', 'F64', 'F16', 'BF16']

/**
 * Reads a backbone from a safetensors file with torchvision's parameter names, which timm shares for these networks. All names, shapes
 * and element types are checked before any weight is decoded; then every weight must be finite.
 * @param bytes the whole file
 * @throws INVALID_DATA for a file that is truncated, malformed or of another architecture, that has wrong shapes or types, or a weight
 *   that is NaN or infinite; the message names the tensor
 * @example
 * ```ts
 * import { createBackbone, loadBackbone, saveBackbone } from '@tab/model'
 *
 * const file = saveBackbone(createBackbone({ architecture: 'resnet18', seed: 0, lastStage: 'layer3' }))
 * const { backbone, report } = loadBackbone(file) // in practice await readFile('resnet18.safetensors')
 * console.log(backbone.architecture, report.absentStages) // resnet18 [ 'layer4' ]
 * ```
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

/** NaN or infinity, as after a training that diverged: features would be NaN, and every image "good". */
function wrongValue(name: string, { data }: Tensor): string | undefined {
  const wrong = firstNonFinite(data)
  if (wrong >= 0) return `${name} must hold finite numbers, holds ${data[wrong]}`
  const isVariance = name.endsWith('.running_var')
  const negative = isVariance ? data.findIndex((value) => value < 0) : -1
  return negative >= 0 ? `${name} must hold variances, holds ${data[negative]}` : undefined
}

/** The architectures differ in the shape of the first tensor, or in having the second. */
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

/** The deepest stage with a tensor in the file; layer4 when missing parameters will be filled. */
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

/** Reads the normalisation that `saveBackbone` writes. */
function readNormalization(metadata: Readonly<Record<string, string>>): Normalization {
  const text = metadata['tab.normalization']
  if (text === undefined) return IMAGENET_NORMALIZATION
  try {
    const { mean, std } = parseJson(text) as Normalization
    const isTriple = (value: unknown): boolean =>
      Array.isArray(value) && value.length === 3 && value.every(Number.isFinite)
    if (isTriple(mean) && isTriple(std) && std.every((value) => value > 0)) return { mean, std }
  } catch {
    // Text that is not JSON gets the same error below as JSON of another form.
  }
  throw new TabError('INVALID_DATA', {
    where: WHERE,
    expected: 'tab.normalization with mean and std of three numbers',
    actual: text,
  })
}
