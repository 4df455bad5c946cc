// Starts the worker from its sources, where no build is at hand.
import { register } from 'tsx/esm/api'

register()
await import('../src/node/worker.ts')
