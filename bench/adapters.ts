// Detectors against Python on the same numbers, in turns. `npm run bench -- adapters [quick | full | memory | subspace]`: quick is the
// default; full takes PatchCore to 160,000 patches of 1,536 values; memory IMAGES MEGABYTES fits under a limit and prints the peak.
import { benchPadim } from './adapters/padim.ts'
import { benchSubspace } from './adapters/subspace.ts'
import { benchPatchCore, fitUnderLimit } from './adapters/patchcore.ts'

const [mode = 'quick', images = '5000', megabytes = '2048'] = process.argv.slice(2)
if (mode === 'memory') await fitUnderLimit(Number(images), Number(megabytes) * 2 ** 20)
else if (mode === 'subspace') await benchSubspace()
else {
  await benchPatchCore(mode === 'full')
  await benchPadim()
}
