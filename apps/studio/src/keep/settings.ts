import type { FitSpec } from '@tab/pipeline'
import type { DetectorSummary } from '../engine/engine-api.ts'

/** The settings of a fit as the spec that `fit` of `@tab/pipeline/node` takes, for a folder of the good pictures. */
export function specOf({ size }: Pick<DetectorSummary, 'size'>, output: string): FitSpec {
  return { data: 'good-pictures', imageSize: size, output }
}

/** The same as a command. */
export function fitLine({ data, imageSize, output }: FitSpec): string {
  const size = Array.isArray(imageSize) ? imageSize.join('x') : ''
  return `tab fit --data ${data} --image-size ${size} --output ${output}`
}

/** How a folder is inspected with the saved file. */
export function predictLine(file: string, threshold: number | null): string {
  return `tab predict --model ${file}${threshold === null ? '' : ` --threshold ${threshold}`} photographs`
}

/** The settings as JSON, a field a line. */
export function specText(spec: FitSpec): string {
  const fields = Object.entries(spec).map(([name, value]) => `  "${name}": ${JSON.stringify(value)}`)
  return `{\n${fields.join(',\n')}\n}`
}
