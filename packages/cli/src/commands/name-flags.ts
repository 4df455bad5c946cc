/** Fields of specs, by the flag that sets them where it has another name. */
const FLAGS: Readonly<Record<string, string>> = {
  backbones: 'backbone',
  datasets: 'data',
  detectors: 'detector',
  folders: 'folder',
  imageSizes: 'image-size',
  maxMb: 'max-mb',
  maxMs: 'max-ms',
  sinks: 'webhook',
  sources: 'watch',
  'limits.bytes': 'max-megabytes',
  'limits.pixels': 'max-megapixels',
  'limits.seconds': 'max-seconds',
  'detector.method': 'detector',
  foreign: 'mean',
  'foreign.mean': 'mean',
  'foreign.std': 'std',
  'settings.accumulate': 'accumulate',
  'settings.imageSize': 'image-size',
  'settings.pairs': 'batch',
  'settings.steps': 'steps',
  settings: 'set',
  suspects: 'drop-suspects',
  'tiles.grid': 'tile-grid',
  'tiles.overlap': 'tile-overlap',
}

/** Fields whose flag is their name. */
const SAME = (
  'anomalies architecture backbone batchSize cache calibrate category checkPictures config count crop data database detector driftFalseAlarmRate engine ' +
  'filter folds foreground heatmaps host ignore imageSize init input insecure jobs keepDays keepImages kind layout memory minutes model output ' +
  'overwrite pixelMetrics port preset products queue reading region resume smallestDefect state storePolicy storeQueue token ' +
  'retryFailed seed seeds shots skipUnreadable skipUnsuitable patience textModel threads threshold tiles validation ' +
  'workers jobsUrl store'
).split(' ')

/** What is set by turning something off. */
const TURNED_OFF: Readonly<Record<string, string>> = {
  'spec.suspects is skip': '--no-suspects was given',
}

/** A message of a task in the words of the command line: each field of a spec, such as `spec.textModel`, as its flag, `--text-model`. */
export function nameFlags(text: string): string {
  const phrased = Object.entries(TURNED_OFF).reduce((made, [field, flag]) => made.replaceAll(field, flag), text)
  return phrased.replace(
    /(?<![\w./\\-])(?:spec|openInspector)\.(\w+(?:\.\w+)*)/g,
    (whole, path: string) => flagOf(path) ?? whole,
  )
}

/** The flag of a field or of what it is a part of; those of the settings of a detector have their names. */
function flagOf(path: string): string | undefined {
  const setting = /^detector\.(\w+)$/.exec(path)?.[1]
  const name = FLAGS[path] ?? (setting ? kebab(setting) : SAME.includes(path) ? kebab(path) : undefined)
  if (name !== undefined) return `--${name}`
  const above = path.slice(0, Math.max(0, path.lastIndexOf('.')))
  return above === '' ? undefined : flagOf(above)
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
