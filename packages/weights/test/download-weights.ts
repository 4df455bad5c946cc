// A process that downloads the weights named on its command line and prints where they lie; it tells its parent when it waits for another.
import { resolveWeights } from '../src/node/resolve-weights.ts'

const onProgress = ({ phase }: { phase: string }): void => {
  if (phase.startsWith('wait')) process.send?.('waits')
}
const { path } = await resolveWeights(process.argv[2] as string, { onProgress })
process.stdout.write(path)
process.disconnect?.()
