// From a folder of photographs to verdicts: fit PatchCore on good parts, judge the others, say how well they are told apart.
// The photographs are drawn here so that the program runs anywhere; put your own folder in their place. The backbone comes with the packages.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDataset, writeSyntheticDataset } from '@tab/data/node'
import { auroc } from '@tab/metrics'
import { fitInspector, openInspector } from '@tab/pipeline/node'

const folder = await mkdtemp(join(tmpdir(), 'tab-quickstart-'))
await writeSyntheticDataset(folder, { part: 'washer', size: [128, 128], seed: 1, train: 12, good: 6, perDefect: 2 })

const { samples } = await openDataset(folder)
const good = samples.filter(({ split, label }) => split === 'train' && label === 0)
const preparation = { size: [128, 128] } as const
const fitted = await fitInspector({ images: good.map(({ path }) => path), preparation })
await writeFile(join(folder, 'washer.safetensors'), await fitted.save())
fitted.dispose()

// Another program, another day: the file knows its threshold, the size of its images and the backbone.
const inspector = await openInspector({ model: join(folder, 'washer.safetensors') })
const scores: number[] = []
const labels: number[] = []
for (const { id, path, label } of samples.filter(({ split }) => split === 'test')) {
  const { verdict, score, regions } = await inspector.inspect(path)
  const [worst] = regions
  console.log(id.padEnd(36), score?.toFixed(3), verdict, worst ? `worst at (${worst.peakAt.x}, ${worst.peakAt.y})` : '')
  scores.push(score ?? NaN)
  labels.push(label)
}
console.log(`image AUROC ${auroc(scores, labels).toFixed(3)}`)
inspector.dispose()
await rm(folder, { recursive: true })
