import { TabError } from '@tab/core'
import type * as z from 'zod'

/**
 * A spec of unknown origin, checked and with sides of squares written out: of a file, a request or a job.
 * @param schema such as `FIT_SPEC`
 * @param where what the value is called in messages. Default `spec`
 * @throws INVALID_ARGUMENT naming each field that is wrong, as `spec.backbone: ...`
 * @example
 * ```ts
 * import { FIT_SPEC, parseSpec } from '@tab/pipeline'
 *
 * const spec = parseSpec(FIT_SPEC, JSON.parse('{ "data": "screws", "backbone": "timm/resnet18.a1_in1k", "output": "screws.safetensors" }'))
 * console.log(spec.data) // screws
 * ```
 */
export function parseSpec<T>(schema: z.ZodType<T>, value: unknown, where = 'spec'): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.map(({ path, message }) => [[where, ...path].join('.'), message] as const)
  const [[field, message], ...others] = problems as [readonly [string, string], ...(readonly [string, string])[]]
  const text = [message, ...others.map(([other, reason]) => `${other}: ${reason}`)].join('; ')
  throw new TabError('INVALID_ARGUMENT', { where: field, message: text })
}
