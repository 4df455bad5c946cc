import { chmod, cp, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeSyntheticDataset } from '@tab/data/node'
import { createBackbone, exportOnnx, saveBackbone } from '@tab/model'
import { narrowBackbone } from '../../../model/test/narrow-backbone.ts'
import { SMALL_MERGES, writeClipFolder } from '../../../prompts/test/clip-folder.ts'
import { runTab } from '../run-tab.ts'
import { argsOf, COMMANDS, INPUTS, type Workplace } from './commands.ts'

/** Makes the inputs, and a detector fitted on them. */
export async function workplace(): Promise<Workplace> {
  const root = await mkdtemp(join(tmpdir(), 'tab-table-'))
  const at = (name: keyof typeof INPUTS): string => join(root, INPUTS[name])
  const sizes = { size: [32, 32], train: 3, good: 1, perDefect: 1 } as const
  await writeSyntheticDataset(at('DATA'), { part: 'washer', seed: 1, ...sizes })
  await writeFile(at('NETWORK'), exportOnnx(narrowBackbone('resnet18', 'layer3'), { layers: ['layer2', 'layer3'] }))
  const backbone = createBackbone({ architecture: 'resnet18', seed: 1, lastStage: 'layer1' })
  await writeFile(at('WEIGHTS'), saveBackbone(backbone))
  const clip = await writeClipFolder(SMALL_MERGES)
  await cp(clip, at('CLIP'), { recursive: true })
  await rm(join(clip, '..'), { recursive: true })
  await writeFile(
    at('CONFIG'),
    `datasets: [${INPUTS.DATA}]\nbackbones: [{ name: narrow, weights: ${INPUTS.NETWORK} }]\n`,
  )
  await writeFile(at('REGION'), '[[0, 0], [32, 0], [32, 32], [0, 32]]')
  await writeFile(at('CORNER'), '[[0, 0], [4, 0], [0, 4]]')
  await writeFile(at('FITS'), `- data: ${INPUTS.DATA}\n`)
  await mkdir(at('CACHE'))
  const out = join(root, 'out')
  await mkdir(out)
  await chmod(root, 0o755)
  await chmod(out, 0o777)
  await chmod(at('CACHE'), 0o777)
  const place = { root, out }
  const { status, stderr } = await runTab(argsOf(place, 'fit', {}, INPUTS.DETECTOR))
  if (status !== 0) throw new Error(stderr)
  await cp(join(out, INPUTS.DETECTOR), at('DETECTOR'))
  await emptyFolder(out)
  return place
}

/** What a command wrote: paths below the output, and how much. */
export interface Written {
  readonly files: readonly string[]
  readonly bytes: number
}

/** Runs every command that works within seconds, so that modules are loaded and what a row changes is all that is wrong in it. */
export async function goodRuns(place: Workplace): Promise<Readonly<Record<string, Written>>> {
  const written: Record<string, Written> = {}
  for (const name of Object.keys(COMMANDS)) {
    if (COMMANDS[name]?.isLong) continue
    const { status, stderr } = await runTab(argsOf(place, name))
    if (status !== 0) throw new Error(`${name}: ${stderr}`)
    const files = (await readdir(place.out, { recursive: true })).sort()
    const sizes = await Promise.all(files.map(async (file) => (await lstat(join(place.out, file))).size))
    written[name] = { files, bytes: sizes.reduce((sum, size) => sum + size, 0) }
    await emptyFolder(place.out)
  }
  return written
}

export async function emptyFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true })
}

/** All that lies below a folder: a file that is written, replaced or touched has another line. */
export async function snapshot(folder: string): Promise<readonly string[]> {
  const lines: string[] = []
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const { size, mtimeMs, ino, mode } = await lstat(join(folder, name))
    const isFolder = (mode & 0o170000) === 0o040000
    lines.push(isFolder ? `${name}/` : `${name} ${size} ${mtimeMs} ${ino}`)
  }
  return lines
}

/** What a pre-training that was cut off takes to run again: its checkpoint, or leave to replace what it left without one. */
export async function trainAgain(args: readonly string[]): Promise<readonly string[]> {
  const output = args[args.indexOf('--output') + 1] as string
  const files = await readdir(join(output, 'checkpoint')).catch((): string[] => [])
  return [files.includes('state.safetensors') ? '--resume' : '--overwrite']
}
