import { environment } from './environment.ts'

/** Whether `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` says, as to every client of the hub, that nothing may be asked of the network. */
export function isOffline(): boolean {
  const { HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = environment() ?? {}
  return [HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE].some((value) => /^(1|on|yes|true)$/i.test(value ?? ''))
}
