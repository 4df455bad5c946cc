// A process that downloads the weights named on its command line and prints where they lie: what several commands at once do.
import { resolveWeights } from '../src/node/resolve-weights.ts'

const { path } = await resolveWeights(process.argv[2] as string, {})
process.stdout.write(path)
