import { basename, join, resolve } from 'node:path'
import { rm } from 'node:fs/promises'
import { isTabError, TabError, throwIfAborted, type TabErrorCode } from '@tab/core'
import { readImageSize } from '@tab/data/node'
import { pairedBootstrap, type Statistic } from '@tab/metrics'
import type { Choice, MeasuredCandidate, NormalsCurve, Standing, UntriedCandidate } from '../../results/choice.ts'
import { CHOOSE_SPEC, type ChooseSpec, type ChooseSpecWrittenOut } from '../../spec/choose-spec.ts'
import type { FitSpec } from '../../spec/fit-spec.ts'
import { parseSpec } from '../../spec/parse-spec.ts'
import { claimOutput } from '../files/claim-output.ts'
import { checkSuspects } from '../fit/check-suspects.ts'
import { readGoodImages } from '../fit/good-images.ts'
import { openNoted } from '../open-noted.ts'
import { THIS_PACKAGE, type PipelineTask } from '../pipeline-task.ts'
import { requireGoodImages } from '../require-good-images.ts'
import { candidateTools, type CandidateTools } from './candidate-tools.ts'
import { candidatesOf, fitSpecOf, type Candidate } from './candidates.ts'
import { divideGood } from './divide-good.ts'
import { aurocOfUnits } from './judged-units.ts'
import {
  measureCandidate,
  prepareCandidate,
  type CandidateFigures,
  type ChoiceImages,
  type Measurement,
} from './measure-candidate.ts'
import { normalsCurve } from './normals-curve.ts'
import { paintDefects } from './paint-defects.ts'
import { excessOf, pickCandidate } from './pick-candidate.ts'

export interface ChooseTask extends PipelineTask {
  /** The command that fits, for the record, as `tab` prints it. Default: none. */
  readonly commandOf?: ((fit: FitSpec) => string) | undefined
  /** Draws report.html, as `choicePage` of @tab/report does. Default: none is written. */
  readonly drawReport?: ((choice: Choice) => string) | undefined
  /** Called with each candidate as it is measured. */
  readonly onCandidate?: ((name: string, figures: CandidateFigures) => void) | undefined
}

/** What was chosen. */
export interface ChooseResult extends Choice {
  /** Absolute paths. */
  readonly files: { readonly choice: string; readonly report: string | null }
}

const USUAL_MINUTES = 10
const CANDIDATES_SHARE = 0.75 // of the time; the rest is for the curve
const ENOUGH_DEFECTS = 5 // real ones to judge by
const FEW_JUDGED = 20
const TOLD_APART = 0.999 // of image AUROC
const RESAMPLES = 1000
const SEARCH_FITS = 3 // times the fit with its threshold, which is six fits itself
const HELD_BYTES = 2 ** 28 // of images in memory for the search for suspects
const SHARED = 0.5 // of the time of a candidate, where another one at its size was measured
const FAR_OVER = 1.5 // times a limit, by an estimate: not worth a try
/** Errors that say that a candidate cannot be, whatever the machine. */
const IMPOSSIBLE: readonly TabErrorCode[] = ['UNDEFINED_RESULT', 'INVALID_ARGUMENT', 'NUMERICAL', 'NOT_FOUND']

/**
 * Compares detectors, image sizes, tiles and backbones on a product's good images, with synthetic defects painted on some of them and with the
 * real defects of the data set if there are five or more, within limits of time and size, and writes choice.json and report.html: what is best, what it
 * costs, the smallest defect that it finds, how many good images are enough, and the spec that fits it. Nothing is judged on what it was fitted on.
 * @returns with `chosen` null where no candidate is within the limits; then `nearest` says which comes nearest
 * @throws INVALID_ARGUMENT, INVALID_DATA, NOT_FOUND naming the field or the file, also for too few good images; ABORTED
 * @example
 * ```ts
 * import { choose } from '@tab/pipeline/node'
 *
 * const spec = { data: 'washers', detectors: ['patchcore' as const], imageSizes: [32], minutes: 0.001 } // ten, in practice
 * const backbones = [{ name: 'resnet18', weights: 'resnet18.safetensors' }]
 * const { chosen, images, fit } = await choose({ ...spec, backbones, output: 'choice' })
 * console.log(chosen, images.fitted, images.good) // patchcore, 32 x 32 px 4 2
 * console.log(fit?.detector, fit?.imageSize) // { method: 'patchcore' } [ 32, 32 ]
 * ```
 */
export async function choose(given: ChooseSpec, task: ChooseTask = {}): Promise<ChooseResult> {
  const spec = parseSpec(CHOOSE_SPEC, given)
  const { data, layout, category, output, seed = 0, minutes = USUAL_MINUTES } = spec
  const begun = performance.now()
  const reads = [data, ...(spec.backbones ?? []).map(({ weights }) => weights)]
  const options = { reads, optional: ['report.html'] }
  await using claim = await claimOutput(output, ['choice.json', 'report.html'], spec.overwrite ?? false, options)
  const { signal, onProgress } = task
  const dataset = await openNoted(data, { layout, category, signal }, task.onNote)
  const [first] = requireGoodImages(dataset, 'spec.data', data)
  const divided = await divideGood(dataset, 'spec.data', seed, signal)
  const photograph = await readImageSize((first as NonNullable<typeof first>).path)
  const candidates = candidatesOf(spec, photograph)
  const tools = await candidateTools()
  const folder = claim.temporary()
  try {
    await tryBackbones(candidates, tools, divided.fitted, seed, { signal, onProgress })
    const painted = await paintDefects(divided.good, photograph, folder, seed, { signal, onProgress })
    const isJudgedByReal = divided.defects.length >= ENOUGH_DEFECTS
    if (painted.length === 0 && !isJudgedByReal) {
      const expected = 'good images that a defect can be painted on'
      throw new TabError('INVALID_DATA', { where: 'spec.data', expected, actual: `none among ${divided.good.length}` })
    }
    const images = { ...divided, painted, isJudgedByReal }
    const notes = notesOf(images)
    const secondsLeft = (): number => (begun + minutes * 60_000 - performance.now()) / 1000
    const { measured, untried } = await measureAll(candidates, images, tools, { spec, begun }, task)
    const outcome = await compare(measured, spec, task)
    const { chosen } = outcome
    const curve: NormalsCurve | null = chosen
      ? await normalsCurve(chosen.candidate, images, curveOn(chosen), tools, seed, () => secondsLeft() > 0, {
          signal,
          onProgress,
        })
      : null
    if (chosen) notes.push(...(await suspectNotes(chosen, images, tools, seed, secondsLeft(), task)))
    const fit = chosen ? fitSpecOf(chosen.candidate, spec, `${basename(dataset.name)}.safetensors`) : null
    const choice: Choice = {
      schema: 'tab.choice/1',
      dataset: dataset.name,
      photograph,
      images: {
        fitted: divided.fitted.length,
        good: divided.good.length,
        synthetic: painted.length,
        real: divided.defects.length,
      },
      judgedBy: isJudgedByReal ? 'real' : 'synthetic',
      limits: limitsOf(spec),
      candidates: outcome.candidates,
      untried,
      chosen: chosen?.candidate.name ?? null,
      nearest: outcome.nearest?.candidate.name ?? null,
      curve,
      fit,
      command: (fit && task.commandOf?.(fit)) ?? null,
      notes,
      madeBy: task.madeBy ?? THIS_PACKAGE,
    }
    const report = task.drawReport?.(choice)
    await rm(folder, { recursive: true, force: true })
    const files = {
      'choice.json': `${JSON.stringify(choice, null, 2)}\n`,
      ...(report === undefined ? {} : { 'report.html': report }),
    }
    await claim.publish(files)
    const place = (name: string): string => resolve(join(output, name))
    return {
      ...choice,
      files: { choice: place('choice.json'), report: report === undefined ? null : place('report.html') },
    }
  } finally {
    tools.dispose()
    await rm(folder, { recursive: true, force: true })
  }
}

/** A curve at 1.000 everywhere would say nothing. */
function curveOn({ figures: { real, synthetic } }: Measurement): 'real' | 'synthetic' {
  return real && (real.imageAuroc.value < TOLD_APART || !synthetic) ? 'real' : 'synthetic'
}

function limitsOf({ maxMs, maxMb, minutes = USUAL_MINUTES }: ChooseSpecWrittenOut): Choice['limits'] {
  return { milliseconds: maxMs ?? null, megabytes: maxMb ?? null, minutes }
}

/** Opens each backbone once, so that one that cannot be used is found before the work. */
async function tryBackbones(
  candidates: readonly Candidate[],
  tools: CandidateTools,
  fitted: ChoiceImages['fitted'],
  seed: number,
  task: PipelineTask,
): Promise<void> {
  const firsts = candidates.filter(
    ({ backbone }, index) => candidates.findIndex((other) => other.backbone === backbone) === index,
  )
  for (const candidate of [...firsts].reverse()) await prepareCandidate(candidate, tools, fitted, seed, task)
}

function notesOf({ good, painted, defects, repeated, isJudgedByReal }: ChoiceImages): string[] {
  const notes: string[] = []
  if (repeated.length > 0) {
    const [which, ...others] = repeated
    const more = others.length > 0 ? ` and ${others.length} more` : ''
    notes.push(`left out, as their bytes are those of another image: ${which}${more}`)
  }
  if (good.length < FEW_JUDGED) {
    notes.push(
      `only ${good.length} good images could be judged, so the intervals are wide: more good photographs, or some in test/good, narrow them`,
    )
  }
  if (isJudgedByReal) {
    notes.push(
      `the choice was made on the ${defects.length} defects of the data set, so its figures on them flatter it a little: judge it once more on others before you rely on them`,
    )
  } else if (defects.length > 0) {
    notes.push(`${defects.length} defects are too few to judge by: it takes ${ENOUGH_DEFECTS}`)
  }
  if (painted.length === 0) notes.push('no synthetic defect could be painted on these photographs')
  return notes
}

interface AllMeasured {
  readonly measured: readonly Measurement[]
  readonly untried: readonly UntriedCandidate[]
}

/** Measures candidates for as long as the time lasts, the first in any case. */
async function measureAll(
  candidates: readonly Candidate[],
  images: ChoiceImages,
  tools: CandidateTools,
  { spec, begun }: { readonly spec: ChooseSpecWrittenOut; readonly begun: number },
  task: ChooseTask,
): Promise<AllMeasured> {
  const { signal, onProgress } = task
  const { seed = 0, minutes = USUAL_MINUTES, maxMs } = spec
  const last = begun + CANDIDATES_SHARE * minutes * 60_000
  const measured: Measurement[] = []
  const untried: UntriedCandidate[] = []
  for (const [index, candidate] of candidates.entries()) {
    throwIfAborted('choose', signal)
    const { name, pixels } = candidate
    const known =
      measured.find((other) => other.candidate.method === candidate.method && sameKind(other, candidate)) ??
      measured.find((other) => sameKind(other, candidate)) ??
      measured[0]
    const times = known ? pixels / known.candidate.pixels : 0
    const left = (last - performance.now()) / 1000
    // Features of the same images are kept in memory from one candidate to the next.
    const seconds = (known?.seconds ?? 0) * times * (times === 1 ? SHARED : 1)
    const { milliseconds, readMilliseconds } = known?.figures.cost ?? { milliseconds: 0, readMilliseconds: 0 }
    const expected = (milliseconds - readMilliseconds) * times
    if (maxMs !== undefined && expected > FAR_OVER * maxMs) {
      const reason = `would take about ${rounded(expected)} ms per image, over the limit of ${maxMs}`
      untried.push({ name, reason })
    } else if (known && left <= 0) {
      untried.push({ name, reason: 'no time was left' })
    } else if (known && seconds > left) {
      untried.push({ name, reason: `would take about ${duration(seconds)}, and ${duration(left)} were left` })
    } else {
      try {
        const measurement = await measureCandidate(candidate, images, tools, seed, { signal })
        measured.push(measurement)
        task.onCandidate?.(name, measurement.figures)
      } catch (error) {
        if (!isTabError(error) || !IMPOSSIBLE.includes(error.code)) throw error
        untried.push({ name, reason: error.message })
      }
    }
    onProgress?.({ phase: 'measure', done: index + 1, total: candidates.length })
  }
  if (measured.length > 0) return { measured, untried }
  const [{ name, reason }] = untried as [UntriedCandidate]
  throw new TabError('UNDEFINED_RESULT', { where: 'choose', message: `nothing could be measured; ${name}: ${reason}` })
}

function sameKind({ candidate }: Measurement, other: Candidate): boolean {
  return candidate.backbone === other.backbone
}

/** Seconds as people say them. */
function duration(seconds: number): string {
  return seconds < 120 ? `${rounded(seconds)} s` : `${Math.round(seconds / 60)} minutes`
}

function rounded(value: number): number {
  return value < 10 ? Number(value.toPrecision(2)) : Math.round(value)
}

/** Photographs among the good ones that look unlike the others, which spoil every figure; looked for where time is left. */
async function suspectNotes(
  { candidate, figures }: Measurement,
  { fitted, good }: ChoiceImages,
  tools: CandidateTools,
  seed: number,
  secondsLeft: number,
  { signal }: PipelineTask,
): Promise<string[]> {
  if (secondsLeft < SEARCH_FITS * figures.cost.fitSeconds) {
    return [
      'no time was left to look for photographs among the good ones that are unlike the others; a fit looks for them',
    ]
  }
  const { pictures, reading, opened } = await prepareCandidate(candidate, tools, fitted, seed, { signal })
  const images = await readGoodImages([...fitted, ...good], reading, HELD_BYTES)
  const { suspects = [] } = await checkSuspects(pictures.looking(opened.plain), images, seed, { signal })
  if (suspects.length === 0) return []
  const names = suspects.map(({ sample }) => sample.path).join(', ')
  return [`these good images look unlike the others; if they are defective, take them out and choose again: ${names}`]
}

/** What became of each candidate. */
async function compare(
  measured: readonly Measurement[],
  spec: ChooseSpecWrittenOut,
  { signal }: PipelineTask,
): Promise<{
  readonly candidates: readonly MeasuredCandidate[]
  readonly chosen: Measurement | undefined
  readonly nearest: Measurement | undefined
}> {
  const limits = limitsOf(spec)
  const contenders = measured.map((measurement) => {
    const { real, synthetic, cost } = measurement.figures
    const qualities = [real, synthetic].filter((quality) => quality !== null)
    const { milliseconds, megabytes } = cost
    return { measurement, qualities: qualities.map(({ imageAuroc }) => imageAuroc.value), milliseconds, megabytes }
  })
  const gap = new Map<Measurement, Gap>()
  const { chosen, tied, nearest } = await pickCandidate(contenders, limits, async (first, other, level) => {
    const difference = await differenceOf(first.measurement, other.measurement, level, spec.seed ?? 0, signal)
    gap.set(other.measurement, difference)
    return difference.interval[0] <= 0
  })
  const standingOf = (contender: (typeof contenders)[number]): Standing => {
    if (contender === chosen) return 'chosen'
    if (tied.includes(contender)) return 'as good'
    return excessOf(contender, limits) <= 1 ? 'worse' : 'over the limits'
  }
  return {
    candidates: contenders.map((contender) => ({
      ...contender.measurement.figures,
      standing: standingOf(contender),
      gap: gap.get(contender.measurement) ?? null,
    })),
    chosen: chosen?.measurement,
    nearest: nearest?.measurement,
  }
}

type Gap = NonNullable<MeasuredCandidate['gap']>

/** How far one is ahead of another on the same photographs. */
async function differenceOf(
  best: Measurement,
  other: Measurement,
  level: number,
  seed: number,
  signal: AbortSignal | undefined,
): Promise<Gap> {
  const [first, second] = [best, other].map(({ judged }) => judged[level]) as [JudgedOn, JudgedOn]
  const { units, labels } = first
  const statistics = [first, second].map(({ scores }) => aurocOfUnits(units, scores, labels)) as [Statistic, Statistic]
  const { difference, interval } = await pairedBootstrap(units.strata, ...statistics, {
    seed,
    resamples: RESAMPLES,
    signal,
  })
  return { best: best.candidate.name, on: first.on, difference, interval }
}

type JudgedOn = Measurement['judged'][number]
