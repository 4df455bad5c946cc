// `npm run weights`: makes the weights that this package ships, from the initial ones and those of a training, as `weights/<name>.about.json` says;
// with a record it must come to the same bytes. `--new` writes weights and record, `--card` the card alone, after figures were added.
import { existsSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { isTabError, readSafetensors, sha256, TabError } from '@tab/core'
import { writeAtomically } from '@tab/core/node'
import { loadBackbone, weightsDigest } from '@tab/model'
import { makeAlignment } from './make-alignment.ts'
import { bundledFilesModule } from './bundled-files-module.ts'
import { makeWeights, type Training, type TrainingCard } from './make-weights.ts'
import { cardPage, weightsCard, type FileRecord } from './model-card.ts'
import type { WeightsPlan } from './weights-plan.ts'

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const FOLDER = join(PACKAGE, 'weights')

const { values: flags } = parseArgs({
  options: {
    name: { type: 'string', default: 'tab-resnet18' },
    initial: { type: 'string' },
    training: { type: 'string', multiple: true, default: [] },
    new: { type: 'boolean', default: false },
    replace: { type: 'boolean', default: false },
    card: { type: 'boolean', default: false },
  },
})

try {
  await main()
} catch (error) {
  if (!isTabError(error)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function main(): Promise<void> {
  const { name, initial, training, card } = flags
  const plan = await readJson<WeightsPlan>(beside('about.json'))
  if (card) return writeCard(plan, await readJson<FileRecord>(beside('record.json')))
  if (initial === undefined || training.length === 0) {
    const expected = '--initial FILE --training FOLDER (or --card)'
    throw new TabError('INVALID_ARGUMENT', {
      where: 'npm run weights',
      expected,
      actual: process.argv.slice(2).join(' ') || 'nothing',
    })
  }
  const path = fromCaller(initial)
  const trainings = await Promise.all(training.map(readTraining))
  const { bytes, record } = await makeWeights(plan, { path, bytes: await readFile(path) }, trainings)
  const { architecture } = record
  const digest = weightsDigest(loadBackbone(bytes).backbone)
  const [{ path: first, card: firstCard }] = trainings as [Training]
  const heads = join(dirname(first), 'alignment.safetensors')
  const alignment = makeAlignment(heads, await readFile(heads), firstCard.weights, digest)
  const made: FileRecord = {
    ...record,
    file: {
      name: `${name}.safetensors`,
      byteLength: bytes.byteLength,
      sha256: await sha256(bytes),
      extractor: `${architecture}-${digest}`,
    },
    alignment: {
      name: `${name}.alignment.safetensors`,
      byteLength: alignment.byteLength,
      sha256: await sha256(alignment),
    },
  }
  if (!flags.new) return compare(await readJson<FileRecord>(beside('record.json')), made)
  const earlier = existsSync(beside('record.json')) ? await readJson<FileRecord>(beside('record.json')) : undefined
  if (earlier?.id === made.id && earlier.file.sha256 !== made.file.sha256 && !flags.replace) {
    const expected = `another id than ${made.id} for other weights (or --replace before they were released)`
    throw new TabError('INCOMPATIBLE', { where: beside('about.json'), expected, actual: made.file.sha256 })
  }
  await writeAtomically(beside('safetensors'), bytes)
  await writeAtomically(beside('alignment.safetensors'), alignment)
  await writeAtomically(beside('record.json'), json(made))
  await writeCard(plan, made)
  const records = (await readdir(FOLDER)).filter((file) => file.endsWith('.record.json'))
  const all = await Promise.all(records.map((file) => readJson<FileRecord>(join(FOLDER, file))))
  await writeAtomically(join(PACKAGE, 'src/bundled-files.generated.ts'), bundledFilesModule(all))
  console.log(
    `${made.id}: ${beside('safetensors')}, ${made.file.byteLength} bytes, SHA-256 ${made.file.sha256}, ${made.file.extractor}`,
  )
}

async function compare(recorded: FileRecord, made: FileRecord): Promise<void> {
  if (json(recorded) !== json(made)) {
    const [before, after] = [recorded, made].map((record) => json(record).split('\n')) as [string[], string[]]
    const at = before.findIndex((line, index) => line !== after[index])
    throw new TabError('INCOMPATIBLE', {
      where: beside('record.json'),
      expected: `line ${at + 1}: ${before[at]}`,
      actual: String(after[at]),
    })
  }
  for (const { name, sha256: expected } of [made.file, made.alignment]) {
    const path = join(FOLDER, name)
    const actual = await sha256(await readFile(path))
    if (actual !== expected)
      throw new TabError('INCOMPATIBLE', { where: path, expected: `SHA-256 ${expected}`, actual })
  }
  console.log(`${made.id}: the same bytes again, SHA-256 ${made.file.sha256} and ${made.alignment.sha256}`)
}

async function writeCard(plan: WeightsPlan, record: FileRecord): Promise<void> {
  const card = weightsCard(plan, record)
  await writeAtomically(beside('card.json'), json(card))
  await writeAtomically(beside('MODEL_CARD.md'), cardPage(card))
}

/** A folder of `tab pretrain`, or a weight file with its card in the header or, as `<name>.json`, beside it. */
async function readTraining(given: string): Promise<Training> {
  const place = fromCaller(given)
  const isFolder = (await stat(place)).isDirectory()
  const path = isFolder ? join(place, 'backbone.safetensors') : place
  const bytes = await readFile(path)
  const inHeader = readSafetensors(bytes).metadata['tab.model-card']
  if (inHeader !== undefined) return { path, bytes, card: JSON.parse(inHeader) as TrainingCard }
  const card = isFolder ? join(place, 'model-card.json') : path.replace(/\.safetensors$/, '.json')
  return { path, bytes, card: await readJson<TrainingCard>(card) }
}

function beside(ending: string): string {
  return join(FOLDER, `${flags.name}.${ending}`)
}

/** npm runs scripts in the folder of the manifest; a path is meant from where npm was called. */
function fromCaller(path: string): string {
  return isAbsolute(path) ? path : resolve(process.env['INIT_CWD'] ?? '.', path)
}

async function readJson<T>(path: string): Promise<T> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new TabError('NOT_FOUND', { where: 'npm run weights', expected: 'a readable file', actual: path, cause })
  })
  return JSON.parse(text) as T
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
