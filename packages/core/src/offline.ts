import { environment } from './environment.ts'

/**
 * Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE`, which every hub client obeys, forbids the use of the network.
 * @example
 * ```ts
 * import { isOffline } from '@tab/core'
 * process.env['HF_HUB_OFFLINE'] = '1'
 * console.log(isOffline()) // true
 * delete process.env['HF_HUB_OFFLINE']
 * ```
 */
export function isOffline(): boolean {
  const { HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = environment() ?? {}
  return [HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE].some((value) => /^(1|on|yes|true)$/i.test(value ?? ''))
}
