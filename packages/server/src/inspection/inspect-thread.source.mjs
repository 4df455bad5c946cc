// The thread run from its sources: piscina imports a file past the loaders of the command line.
import { register } from 'tsx/esm/api'
register()
export const { inspect, check, learn } = await import('./inspect-thread.ts')
