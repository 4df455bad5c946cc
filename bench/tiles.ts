// Small defects in large images: tiles against squeezing the whole image to 224 px, on the same images in the same run.
//   npm run bench -- tiles [GOOD] [HEIGHT] [WIDTH] [FOLDER] [WAY...]
// GOOD good images to fit on (6), as many to test, and as many with one defect of ten pixels; 3000 x 4000 pixels. Images in FOLDER are used again. The ways are squeezed,
// "tiled, half size" and "tiled, full size".
// Each way runs in a process of its own, so that its peak of memory is its own.
import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { drawParts } from './tiles/draw-parts.ts'
import { measureWay, WAYS, type Measured, type Way } from './tiles/measure-way.ts'

const [role = '6', ...rest] = process.argv.slice(2)
if (role in WAYS) await measureWay(role as Way, rest[0] as string)
else {
  const [height = '3000', width = '4000', folder = mkdtempSync(join(tmpdir(), 'bench-tiles-')), ...some] = rest
  const ways = some.length > 0 ? (some as Way[]) : (Object.keys(WAYS) as Way[])
  await drawParts(folder, Number(role), [Number(height), Number(width)])
  console.log(
    `${role} good images of ${height} x ${width} px to fit on, ${role} good and ${role} defective to test, in ${folder}`,
  )
  for (const way of ways) {
    const args = [
      '--conditions=@tab/source',
      '--import=tsx',
      '--expose-gc',
      fileURLToPath(import.meta.url),
      way,
      folder,
    ]
    const { stdout, status } = spawnSync(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
    })
    if (status !== 0) process.exit(1)
    const { auroc, fitSeconds, msPerMegapixel, peakMegabytes } = JSON.parse(stdout) as Measured
    console.log(
      `${way.padEnd(16)} image AUROC ${auroc.toFixed(3)}  fit ${fitSeconds.toFixed(0)} s  ` +
        `${msPerMegapixel.toFixed(0)} ms per megapixel  peak ${peakMegabytes.toFixed(0)} MB`,
    )
  }
}
