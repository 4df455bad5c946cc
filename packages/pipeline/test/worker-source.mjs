// Starts a thread of the benchmark from its sources, where no build is at hand.
import { register } from 'tsx/esm/api'

register()
await import('../src/node/benchmark/worker.ts')
