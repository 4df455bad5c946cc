import { environment } from './environment.ts'

/**
 * Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`, which every hub client obeys, forbids the use of the network.
 * @param variables default: those of the process; none in a browser
 * @example
 * ```ts
 * import { isOffline } from '@tab/core'
 * process.env['HF_HUB_OFFLINE'] = '1'
 * console.log(isOffline()) // true
 * delete process.env['HF_HUB_OFFLINE']
 * ```
 */
export function isOffline(variables: Readonly<Record<string, string | undefined>> = environment() ?? {}): boolean {
  const { HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = variables
  return [HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE].some((value) => /^(1|on|yes|true)$/i.test(value ?? ''))
}
